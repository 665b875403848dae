// Logins, and what devices acknowledge.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "middle/core/core.h"
#include "middle/core/gather.h"
#include "middle/feed/cursor.h"
#include "middle/feed/feed.h"
#include "middle/registry/acknowledge.h"
#include "middle/registry/devices.h"

namespace longwire::middle {
namespace {

std::optional<ErrorCode> why_ended(SessionNumber session, const DeviceStanding& device) {
  if (!device.known) return ErrorCode::kNotFound;
  if (device.banned) return ErrorCode::kPermissionDenied;
  if (device.last_session > session) return ErrorCode::kAlreadyExists;
  return std::nullopt;
}

}  // namespace

// ---- logins ------------------------------------------------------------------------------------

void Core::open_session(OpenSessionRequest request, Callback<OpenedSession> done) {
  if (is_device_id(request.account.value()))
    return open_device_session(std::move(request), std::move(done));
  if (is_elsewhere(request.account, done)) return;
  if (!knows_sessions(request.account)) {
    return await_sessions(
        request.account, std::move(done),
        [this, request](Callback<OpenedSession> d) { open_session(request, std::move(d)); });
  }
  open_user_session(request, std::move(done));
}

void Core::open_user_session(const OpenSessionRequest& request, Callback<OpenedSession> done) {
  // From now on its full JID reaches it, whether or not it ever shows presence (RFC 6121 section
  // 8.5.3.1).
  const SessionNumber number = sessions_.next_number(now());
  auto entered = owned(home_of(request.account)).presence.open(request, number);
  if (!entered) return done(entered.error());
  announce_session(request, number);
  OpenedSession opened;
  opened.number = number;
  opened.incarnation = parts_.store.info().incarnation;
  done(std::move(opened));
}

void Core::open_device_session(OpenSessionRequest request, Callback<OpenedSession> done) {
  struct Begun {
    SessionNumber number = 0;
    std::vector<StoredView> views;
  };
  const DeviceId device(request.account.value());
  run<Begun>(
      home_of(device), WorkClass::kControl,
      [device](Transaction& t) -> Result<Begun> {
        auto row = begin_session(t, device);
        if (!row) return row.error();
        Begun begun{row->session, {}};
        for (const RegId& id : row->registrations) {
          auto registration = find_registration(t, id);
          // An incomplete run goes on, to learn all the keys it needs.
          if (!registration && !t.complete()) continue;
          if (!registration) return registration.error();
          auto view = view_registration(t, *registration);
          if (!view) return view.error();
          begun.views.push_back(std::move(*view));
        }
        return begun;
      },
      [this, r = std::move(request), d = std::move(done)](Result<Begun> begun) mutable {
        if (!begun) return d(begun.error());
        // What is kept of sessions was forgotten with the partition.
        if (serves(home_of(r.account))) announce_session(r, begun->number);
        const SessionNumber number = begun->number;
        verify_views(std::move(begun->views),
                     [this, number, r = std::move(r), d = std::move(d)](auto views) mutable {
                       OpenedSession opened{number, parts_.store.info().incarnation, {}};
                       if (!views) return refuse_begun(r, number, views.error(), d);
                       opened.registrations = std::move(*views);
                       answer_if_current(std::move(r), std::move(opened), std::move(d));
                     });
      });
}

// What ended it while its feeds' owners were asked was told to a front end that did not know the
// session yet: one that was replaced would go on for ever, and nothing that it acknowledges count.
void Core::answer_if_current(OpenSessionRequest request, OpenedSession opened,
                             Callback<OpenedSession> done) {
  const DeviceId device(request.account.value());
  run<DeviceStanding>(
      home_of(device), WorkClass::kRead,
      [device](Transaction& t) { return standing_of(t, device); },
      [this, r = std::move(request), o = std::move(opened),
       d = std::move(done)](Result<DeviceStanding> standing) mutable {
        if (!standing) return refuse_begun(r, o.number, standing.error(), d);
        if (const auto why = why_ended(o.number, *standing))
          return refuse_begun(r, o.number, {*why, "the session ended while it began"}, d);
        d(std::move(o));
      });
}

void Core::refuse_begun(const OpenSessionRequest& request, SessionNumber number, const Error& why,
                        Callback<OpenedSession>& done) {
  sessions_.close(request.account, {request.resource, request.node, number});
  done(why);
}

void Core::announce_session(const OpenSessionRequest& request, SessionNumber number) {
  LiveSession session{request.resource, request.node, number};
  for (const LiveSession& older : sessions_.open(request.account, std::move(session))) {
    nodes_.closed(older.node, {request.account, older.resource, number, ErrorCode::kAlreadyExists});
  }
}

void Core::keep_sessions(std::vector<SessionPresence> sessions, Callback<void> done) {
  std::map<PartitionId, std::vector<SessionPresence>> devices;
  for (SessionPresence& session : sessions) {
    if (is_elsewhere(session.account, done)) return;
    const LiveSession live{session.resource, session.node, session.session};
    if (const SessionNumber newer = sessions_.newer_than(session.account, live); newer > 0) {
      nodes_.closed(session.node,
                    {session.account, session.resource, newer, ErrorCode::kAlreadyExists});
      continue;
    }
    sessions_.close(session.account, live);  // told twice, it is in once
    announce_session({session.account, session.resource, session.node}, session.session);
    const PartitionId home = partition_of(home_of(session.account), count_);
    if (is_device_id(session.account.value())) {
      devices[home].push_back(std::move(session));
    } else {
      owned_[home].presence.set(std::move(session));
      sessions_told_anew(owned_[home]);
    }
  }
  for (auto& [partition, kept] : devices) close_ended(partition, std::move(kept));
  done({});
}

// What ended a device's session may have been asked for while nobody here knew of it; what replaced
// it may be gone again, and with it who knew: its row tells.
void Core::close_ended(PartitionId partition, std::vector<SessionPresence> kept) {
  using Standings = std::vector<DeviceStanding>;
  std::vector<DeviceId> devices;
  devices.reserve(kept.size());
  for (const SessionPresence& session : kept) devices.emplace_back(session.account.value());
  owned_[partition].partition->run<Standings>(
      WorkClass::kRead,
      [devices = std::move(devices)](Transaction& t) -> Result<Standings> {
        Standings standings;
        for (const DeviceId& device : devices) {
          auto standing = standing_of(t, device);
          if (!standing) return standing.error();
          standings.push_back(*standing);
        }
        return standings;
      },
      [this, kept = std::move(kept)](const Result<Standings>& standings) {
        for (std::size_t i = 0; standings.ok() && i < kept.size(); ++i)
          close_if_ended(kept[i], (*standings)[i]);
      });
}

void Core::close_if_ended(const SessionPresence& session, const DeviceStanding& device) {
  const auto why = why_ended(session.session, device);
  if (!why) return;
  const SessionNumber newer = *why == ErrorCode::kAlreadyExists ? device.last_session : 0;
  sessions_.close(session.account, {session.resource, session.node, session.session});
  nodes_.closed(session.node, {session.account, session.resource, newer, *why});
}

void Core::close_sessions(const XmppAccount& account, ErrorCode why) {
  if (knows_sessions(account)) return close_known(account, why);
  await_sessions(account, [this, account, why](const Status& told) {
    const bool moved = !told && told.error().code == ErrorCode::kDeposed;
    if (moved) return close_sessions(account, why);  // they are told anew, and it holds for these
    close_known(account, why);
  });
}

void Core::close_known(const XmppAccount& account, ErrorCode why) {
  for (const LiveSession& session : sessions_.of(account))
    nodes_.closed(session.node, {account, session.resource, 0, why});
}

void Core::close_session(OpenSessionRequest session, SessionNumber number,
                         std::vector<CursorMove> moves, Callback<void> done) {
  if (is_elsewhere(session.account, done)) return;
  sessions_.close(session.account, {session.resource, session.node, number});
  owned(home_of(session.account)).presence.remove(session, number);
  acknowledge(std::move(moves),
              [this, s = std::move(session), number, d = std::move(done)](Status status) mutable {
                // Not before: what it had acknowledged is nobody else's.
                tell_others(s.account, s.resource);
                if (!status || !is_device_id(s.account.value())) return d(std::move(status));
                const DeviceId device(s.account.value());
                run<void>(
                    home_of(device), WorkClass::kControl,
                    [device, number](Transaction& t) { return end_session(t, device, number); },
                    [d = std::move(d)](Status ended) mutable {
                      const bool removed = !ended && ended.error().code == ErrorCode::kNotFound;
                      d(removed ? Status() : std::move(ended));
                    });
              });
}

// ---- cursors against tails ---------------------------------------------------------------------

void Core::verify_views(std::vector<StoredView> stored,
                        Callback<std::vector<RegistrationView>> done) {
  auto all = Gather<RegistrationView>::make(std::move(done));
  for (StoredView& each : stored) verify_view(std::move(each), all->ask());
  all->close();
}

// A stored cursor of a shared feed is compared with the feed as its owner knows it: another
// incarnation makes it 0, and one above a confirmed tail proves that storage went back.
void Core::verify_view(StoredView stored, Callback<RegistrationView> done) {
  if (stored.inbox_reset)
    log_.error("inbox_reset", {{"registration", short_id(stored.view.registration.id.value())}});
  auto view = std::make_shared<StoredView>(std::move(stored));  // shared with its questions
  std::vector<std::size_t> asked;
  auto& feeds = view->view.feeds;
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    if (feed_kind(feeds[i].feed) != FeedKind::kInbox && feeds[i].cursor > 0) asked.push_back(i);
  }
  auto all = Gather<FeedState>::make(
      [view, asked, d = std::move(done)](Result<std::vector<FeedState>> states) mutable {
        if (!states) return d(states.error());
        for (std::size_t i = 0; i < asked.size(); ++i) {
          FeedPosition& position = view->view.feeds[asked[i]];
          if ((*states)[i].incarnation != view->incarnations[asked[i]]) position.cursor = 0;
        }
        d(std::move(view->view));
      });
  for (std::size_t index : asked)
    with_feed_state(feeds[index].feed, feeds[index].cursor, all->ask());
  all->close();
}

void Core::with_feed_state(const FeedId& feed, FeedNumber at_least, Callback<FeedState> done) {
  const FeedState* known = feed_states_.find(feed);
  if (known != nullptr && known->tail >= at_least) return done(*known);
  confirmed_state(feed,
                  [this, feed, at_least, d = std::move(done)](Result<FeedState> state) mutable {
                    if (!state) return d(state.error());
                    feed_states_.put(feed, *state);
                    if (state->tail >= at_least || !state->incarnation.empty())
                      return d(std::move(*state));
                    reset_shared_feed(feed, at_least, std::move(d));
                  });
}

void Core::confirmed_state(const FeedId& feed, Callback<FeedState> done) {
  peers().feed_state(feed, std::move(done));
}

void Core::reset_shared_feed(const FeedId& feed, FeedNumber cursor, Callback<FeedState> done) {
  peers().reset_feed(feed, cursor,
                     [this, feed, d = std::move(done)](Result<FeedState> state) mutable {
                       if (state) feed_states_.put(feed, *state);
                       d(std::move(state));
                     });
}

// ---- acknowledgements --------------------------------------------------------------------------

void Core::acknowledge(std::vector<CursorMove> moves, Callback<void> done) {
  if (moves.empty()) return done({});
  // Shared feeds lie elsewhere: their tails are asked for once, and then only rise.
  std::vector<CheckedMove> checked;
  std::vector<CursorMove> unchecked;
  std::map<FeedId, FeedState> unknown;
  checked.reserve(moves.size());
  for (CursorMove& move : moves) {
    const FeedKind kind = feed_kind(move.feed);
    const bool shared = kind == FeedKind::kTopic || kind == FeedKind::kApp;
    const FeedState* known = shared ? feed_states_.find(move.feed) : nullptr;
    if (!shared || (known != nullptr && known->tail >= move.number)) {
      checked.push_back({std::move(move), known != nullptr ? known->incarnation : Incarnation()});
    } else {
      unknown[move.feed];
      unchecked.push_back(std::move(move));
    }
  }
  if (unknown.empty()) return commit_moves(std::move(checked), std::move(done));
  confirm_states(std::move(unknown), [this, c = std::move(checked), u = std::move(unchecked),
                                      d = std::move(done)](auto states) mutable {
    if (!states) return d(states.error());
    // By the answers: what is remembered of feeds may be forgotten again by now.
    for (CursorMove& move : u) {
      const FeedState& state = states->at(move.feed);
      if (move.number > state.tail) continue;  // never above the tail
      c.push_back({std::move(move), state.incarnation});
    }
    commit_moves(std::move(c), std::move(d));
  });
}

void Core::confirm_states(std::map<FeedId, FeedState> feeds,
                          Callback<std::map<FeedId, FeedState>> done) {
  auto asked = std::make_shared<std::map<FeedId, FeedState>>(std::move(feeds));
  auto all = Gather<FeedState>::make(
      [this, asked, d = std::move(done)](Result<std::vector<FeedState>> states) mutable {
        if (!states) return d(states.error());
        auto state = states->begin();
        for (auto& [feed, answer] : *asked) {
          feed_states_.put(feed, *state);
          answer = std::move(*state++);
        }
        d(std::move(*asked));
      });
  for (const auto& [feed, state] : *asked) confirmed_state(feed, all->ask());
  all->close();
}

void Core::commit_moves(std::vector<CheckedMove> moves, Callback<void> done) {
  std::map<PartitionId, std::vector<CheckedMove>> groups;
  for (CheckedMove& each : moves) {
    const PartitionId partition = partition_of(home_of(each.move.account), count_);
    groups[partition].push_back(std::move(each));
  }
  auto all = Gather<Acknowledged>::make(
      [this, d = std::move(done)](Result<std::vector<Acknowledged>> parts) mutable {
        if (!parts) return d(parts.error());
        for (const Acknowledged& part : *parts) deliveries_.add(part.delivered);
        d({});
      });
  for (auto& [partition, group] : groups) {
    auto work = [g = std::move(group)](Transaction& t) { return middle::acknowledge(t, g); };
    // What an owner that is none any more takes for another session's may count: nothing is written
    // then, and no commit tells it so.
    auto ran = [this, partition = partition,
                answer = all->ask()](Result<Acknowledged> part) mutable {
      if (!clustered() || !part || part->ignored == 0) return answer(std::move(part));
      owned_[partition].partition->run_confirmed<Acknowledged>(
          [acknowledged = *part](Transaction&) { return Result<Acknowledged>(acknowledged); },
          std::move(answer));
    };
    owned_[partition].partition->run<Acknowledged>(WorkClass::kControl, std::move(work),
                                                   Callback<Acknowledged>(std::move(ran)));
  }
  all->close();
}

void Core::archive_cursor(XmppAccount account, Callback<FeedNumber> done) {
  run<FeedNumber>(
      home_of(account), WorkClass::kRead,
      [account](Transaction& t) {
        return read_cursor(t, account.value(), archive_feed(account), {});
      },
      std::move(done));
}

}  // namespace longwire::middle
