// Stanzas between XMPP accounts, presence, rosters.

#include <optional>
#include <utility>

#include "middle/core/core.h"
#include "middle/feed/feed.h"

namespace longwire::middle {
namespace {

// How far the clocks of two of our processes may lie apart: ids are made by one, entries by
// another.
constexpr std::chrono::milliseconds kClocksApart = std::chrono::minutes(1);
// Until its user has read some of it.
constexpr std::chrono::milliseconds kFullRetry = std::chrono::minutes(1);

// Longer than a front end takes to follow its feeds at a new owner, or over a new link.
constexpr std::chrono::milliseconds kFollowedWithin{5'000};

constexpr std::size_t kUntilSettledMax = 5'000;  // of one partition
constexpr std::size_t kBehindLookedForMax = 5'000;

Error no_such_resource() { return {ErrorCode::kNotFound, "no such resource"}; }

// What an earlier try has put into the archive, whoever is gone since.
Result<std::optional<FeedNumber>> find_earlier(Transaction& transaction,
                                               const RouteRequest& request) {
  if (!request.repeated) return std::optional<FeedNumber>();
  return find_entry(transaction, archive_feed(request.to), request.id,
                    request.id.time() + -kClocksApart);
}

}  // namespace

// What comes after those that wait does not overtake them.
bool Core::knows_sessions(const XmppAccount& account) {
  if (!clustered()) return true;
  const Owned& owner = owned(home_of(account));
  return owner.until_settled.empty() && owner.settled_at <= environment_.clock.monotonic();
}

void Core::await_sessions(const XmppAccount& account, Callback<void> told) {
  const std::uint16_t home = home_of(account);
  Owned& owner = owned(home);
  if (owner.until_settled.size() >= kUntilSettledMax)
    return told(Error{ErrorCode::kUnavailable, "too much waits for a new owner", kCrowdedRetry});
  if (owner.until_settled.empty()) {
    const MonotonicTime left = owner.settled_at - environment_.clock.monotonic();
    guard_.schedule(std::chrono::ceil<std::chrono::milliseconds>(left),
                    [this, &owner] { settled(owner); });
  }
  owner.until_settled.push_back({tenure(home), std::move(told)});
}

void Core::settled(Owned& owner) {
  for (WaitingCall& call : std::exchange(owner.until_settled, {}))
    if (!is_over(call.begun, call.told)) call.told({});
}

void Core::route(RouteRequest request, Callback<RouteReply> done) {
  if (is_elsewhere(request.to, done)) return;
  if (!knows_sessions(request.to)) {
    const XmppAccount to = request.to;
    return await_sessions(to, std::move(done),
                          [this, r = std::move(request)](Callback<RouteReply> d) mutable {
                            route(std::move(r), std::move(d));
                          });
  }
  route_now(std::move(request), std::move(done));
}

void Core::route_now(RouteRequest request, Callback<RouteReply> done) {
  if (!request.archive) {
    const RouteReply reply{reach(request), 0};
    if (request.mode == RouteMode::kFullJid && reply.resources == 0)
      return done(no_such_resource());
    return done(reply);
  }
  if (is_under_way(request.id, request.repeated, done)) return;
  const XmppAccount account = request.to;
  // Another owner may have carried out a repeat of it by then.
  check_account(account, [this, begun = tenure(home_of(account)), r = std::move(request),
                          d = std::move(done)](Status known) mutable {
    if (!known) return d(known.error());
    if (is_over(begun, d)) return;
    archive_in_order(std::move(r), std::move(d));
  });
}

// To the sessions that it is for; before its entry is durable where it is archived as well. In the
// same turn to the account, where the resource is gone: what comes next does not overtake it.
std::uint32_t Core::reach(RouteRequest& request) {
  const std::uint32_t reached = reach_now(request);
  if (request.mode != RouteMode::kFullJid || reached > 0 || !request.else_account) return reached;
  request.mode = RouteMode::kBareChat;
  return reach_now(request);
}

std::uint32_t Core::reach_now(const RouteRequest& request) {
  const Owned& owner = owned(home_of(request.to));
  std::uint32_t reached = 0;
  for (const SessionPresence* session :
       owner.presence.choose(request.to, request.resource, request.mode)) {
    RoutedStanza stanza{request.to, session->resource, std::nullopt, request.stanza};
    if (request.archive) stanza.archived = request.id;
    stanza.by_feed = request.repeated || may_overtake(request);
    if (nodes_.stanza(session->node, std::move(stanza))) ++reached;
  }
  return reached;
}

// What came before a session was told anew may have found none, or was lost with the link that it
// was routed over. The feed brings it: until it surely does, nothing is written ahead of it.
void Core::sessions_told_anew(Owned& owner) {
  owner.by_feed_until = environment_.clock.monotonic() + kFollowedWithin;
}

bool Core::may_overtake(const RouteRequest& request) {
  const MonotonicTime until = owned(home_of(request.to)).by_feed_until;
  return request.archive && environment_.clock.monotonic() < until;
}

// One that may be there already takes longer, as it is looked for: those that come after it wait.
void Core::archive_in_order(RouteRequest request, Callback<RouteReply> done) {
  const auto looked_for = looked_for_.find(request.to);
  if (looked_for != looked_for_.end()) {
    if (behind_looked_for_ >= kBehindLookedForMax)
      return done(Error{ErrorCode::kUnavailable, "too much chat waits", kCrowdedRetry});
    ++behind_looked_for_;
    return looked_for->second.push_back(
        {tenure(home_of(request.to)), std::move(request), std::move(done)});
  }
  if (!request.repeated) return archive(std::move(request), std::move(done));
  looked_for_[request.to];
  const XmppAccount account = request.to;
  archive(std::move(request),
          [this, account, d = std::move(done)](Result<RouteReply> reply) mutable {
            d(std::move(reply));
            auto waited = looked_for_.extract(account);
            behind_looked_for_ -= waited.mapped().size();
            for (auto& next : waited.mapped())
              if (!is_over(next.begun, next.done))
                archive_in_order(std::move(next.request), std::move(next.done));
          });
}

void Core::archive(RouteRequest request, Callback<RouteReply> done) {
  const std::uint32_t reached = reach(request);
  const bool to_nobody = request.mode == RouteMode::kFullJid && reached == 0;
  if (to_nobody && !request.repeated) return done(no_such_resource());
  const std::uint16_t home = home_of(request.to);
  run<RouteReply>(
      home, WorkClass::kSingleHigh,
      [this, r = std::move(request), reached, to_nobody](Transaction& t) -> Result<RouteReply> {
        auto earlier = find_earlier(t, r);
        if (!earlier) return earlier.error();
        if (*earlier) return RouteReply{reached, **earlier};
        // Nothing is stored for a resource that is gone.
        if (to_nobody) return no_such_resource();
        auto number = append_chat(t, r);
        if (!number) return number.error();
        return RouteReply{reached, *number};
      },
      std::move(done));
}

Result<FeedNumber> Core::append_chat(Transaction& transaction, const RouteRequest& request) const {
  Entry entry;
  entry.kind = EntryKind::kChat;
  entry.id = request.id;
  entry.accepted = transaction.now();
  entry.expires = transaction.now() + config_.time_to_live_max;
  entry.body = request.stanza;
  const ArchiveBound bound{static_cast<std::uint64_t>(config_.archive_entries_max),
                           static_cast<std::uint64_t>(config_.archive_bytes_max)};
  auto number = append_to_archive(transaction, request.to, std::move(entry), bound);
  if (!number) return number.error();
  if (*number == 0)
    return Error{ErrorCode::kResourceExhausted, "too much waits for this account", kFullRetry};
  return *number;
}

void Core::set_presence(SessionPresence presence, Callback<void> done) {
  if (is_elsewhere(presence.account, done)) return;
  PresenceTable& table = owned(home_of(presence.account)).presence;
  const SessionPresence* before = table.find(presence.account, presence.resource);
  const bool ends = before != nullptr && takes_chat(*before) && !takes_chat(presence);
  const XmppAccount account = presence.account;
  const std::string resource = presence.resource;
  table.set(std::move(presence));
  if (ends) tell_others(account, resource);
  done({});
}

void Core::tell_others(const XmppAccount& account, std::string_view except) {
  for (const SessionPresence& other : owned(home_of(account)).presence.sessions(account))
    if (other.resource != except) nodes_.receiver_gone(other.node, {account, other.resource});
}

void Core::presences(XmppAccount account, Callback<std::vector<SessionPresence>> done) {
  if (is_elsewhere(account, done)) return;
  if (!knows_sessions(account)) {
    return await_sessions(account, std::move(done),
                          [this, account](Callback<std::vector<SessionPresence>> d) {
                            presences(account, std::move(d));
                          });
  }
  done(owned(home_of(account)).presence.sessions(account));
}

void Core::get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) {
  parts_.directory.get_roster(std::move(owner),
                              guard_.wrap<std::vector<RosterItem>>(std::move(done)));
}

void Core::get_roster_item(XmppAccount owner, std::string contact,
                           Callback<std::optional<RosterItem>> done) {
  parts_.directory.get_roster_item(std::move(owner), std::move(contact),
                                   guard_.wrap<std::optional<RosterItem>>(std::move(done)));
}

void Core::put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) {
  parts_.directory.put_roster_item(std::move(item),
                                   guard_.wrap<std::optional<std::uint64_t>>(std::move(done)));
}

void Core::remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) {
  parts_.directory.remove_roster_item(std::move(owner), std::move(contact),
                                      guard_.wrap<bool>(std::move(done)));
}

}  // namespace longwire::middle
