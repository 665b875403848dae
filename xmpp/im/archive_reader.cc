#include "xmpp/im/archive_reader.h"

#include <algorithm>
#include <utility>

#include "xmpp/im/im_state.h"
#include "xmpp/im/timestamps.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

constexpr std::string_view kMessageEnd = "</message>";
// As of pushes (docs/PROTOCOL.md): a commit for each message would cost as much as the message.
constexpr middle::FeedNumber kMovesEvery = 16;
// Beyond it the oldest may come twice: nobody follows the feed, so nothing else bounds them.
constexpr std::size_t kRememberedMax = 1'000;
// Beyond it the oldest count as any other entry that was not routed to us: decide() judges.
constexpr std::size_t kDeferredMax = 1'000;

bool is_chat(const middle::Entry& entry) {
  return entry.kind == middle::EntryKind::kChat && !entry.body.empty();
}

}  // namespace

ArchiveReader::ArchiveReader(Session& session)
    : session_(session), host_(session.host()), feed_(middle::archive_feed(session.account())) {}

ArchiveReader::~ArchiveReader() {
  if (subscription_ != middle::SubscriptionId::kNone) host_.feeds->unsubscribe(subscription_);
}

void ArchiveReader::start() {
  if (std::exchange(started_, true)) return;
  SessionHost& host = host_;
  host_.service->archive_cursor(
      session_.account(),
      [&host, handle = session_.handle(), start = ++starts_](Result<middle::FeedNumber> cursor) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr || reader->starts_ != start || !cursor.ok()) return;
        middle::ReadRequest request;
        request.feed = reader->feed_;
        request.after = *cursor;
        request.entries_max = 1;
        host.service->read_feed(std::move(request), [&host, handle, start, after = *cursor](
                                                        Result<middle::FeedPage> page) {
          ArchiveReader* later = archive_reader_of(host, handle);
          if (later != nullptr && later->starts_ == start)
            later->follow(after, page.ok() ? page->tail : after);
        });
      });
}

void ArchiveReader::follow(middle::FeedNumber cursor, middle::FeedNumber tail) {
  seen_ = done_ = stored_ = cursor;
  tail_ = tail;
  read_from(cursor);
}

// Goes back, or forth, to what follows `after`; as soon as the client keeps up.
void ArchiveReader::read_from(middle::FeedNumber after) {
  if (subscription_ != middle::SubscriptionId::kNone) host_.feeds->unsubscribe(subscription_);
  subscription_ = host_.feeds->subscribe(feed_, after, *this);
  read_ = after;
  paused_ = false;
  update_pause();
}

std::vector<middle::CursorMove> ArchiveReader::stop() {
  if (!std::exchange(started_, false)) return {};
  ++starts_;
  std::vector<middle::CursorMove> moves = settle();
  if (subscription_ != middle::SubscriptionId::kNone) host_.feeds->unsubscribe(subscription_);
  subscription_ = middle::SubscriptionId::kNone;
  for (const Numbered& entry : std::exchange(window_, {}))
    if (entry.state == State::kSent || entry.state == State::kDone)
      remember(entry.id, entry.state == State::kDone);
  deferred_.clear();  // it stays in the archive, for whoever is available later
  seen_ = read_ = done_ = stored_ = tail_ = 0;
  paused_ = false;
  return moves;
}

void ArchiveReader::remember(const middle::MessageId& id, bool delivered) {
  if (!started_ && live_.size() >= kRememberedMax) live_.pop_front();
  live_.push_back({id, delivered});
}

// A client that does not keep up gets its chat from the feed, which waits for it; and in order:
// until the feed has brought what was left to it, nothing overtakes it.
bool ArchiveReader::defer(const middle::MessageId& id) {
  if (subscription_ == middle::SubscriptionId::kNone) return false;
  if (!session_.congested() && deferred_.empty()) return false;
  if (deferred_.size() >= kDeferredMax) deferred_.pop_front();
  deferred_.push_back(id);
  return true;
}

bool ArchiveReader::add_live(const middle::MessageId& id) {
  const auto numbered = std::find_if(window_.begin(), window_.end(),
                                     [&](const Numbered& entry) { return entry.id == id; });
  if (numbered == window_.end()) {
    if (defer(id)) return false;
    remember(id, false);
    return true;
  }
  // The feed was faster. What we took for another resource's is ours after all.
  const bool undelivered =
      numbered->state == State::kUndecided || numbered->state == State::kForeign;
  if (!undelivered) return false;
  const bool later = defer(id);
  numbered->state = later ? State::kForeign : State::kSent;
  numbered->entry = nullptr;
  if (later && numbered->number <= read_) read_from(numbered->number - 1);
  return !later;
}

void ArchiveReader::on_entries(middle::SubscriptionId, const middle::FeedId&,
                               std::span<const middle::EntryPtr> entries) {
  for (const auto& entry : entries) {
    if (session_.congested()) {
      read_from(entry->number - 1);
      break;
    }
    take_entry(entry);
    read_ = entry->number;
  }
  decide();
  advance();
  update_pause();
}

void ArchiveReader::take_entry(const middle::EntryPtr& entry) {
  if (entry->number <= seen_) return take_again(entry);
  seen_ = entry->number;
  const auto live = std::find_if(live_.begin(), live_.end(),
                                 [&](const Live& routed) { return routed.id == entry->id; });
  if (live != live_.end()) {
    window_.push_back(
        {entry->number, entry->id, live->delivered ? State::kDone : State::kSent, {}});
    live_.erase(live);
    return;
  }
  const bool ours = take_deferred(entry->id) || entry->number <= tail_;
  if (!is_chat(*entry)) {
    window_.push_back({entry->number, entry->id, State::kDone, {}});
  } else if (ours) {
    window_.push_back({entry->number, entry->id, State::kSent, {}});
    deliver(*entry);
  } else {
    window_.push_back({entry->number, entry->id, State::kUndecided, entry});
  }
}

// It was taken for another resource's, which did not get it, or was left for later.
void ArchiveReader::take_again(const middle::EntryPtr& entry) {
  const auto known = find(entry->number);
  if (known == window_.end() || known->state != State::kForeign) return;
  known->again = true;
  if (!is_chat(*entry)) {
    known->state = State::kDone;
  } else if (take_deferred(entry->id)) {
    known->state = State::kSent;
    deliver(*entry);
  } else {
    known->state = State::kUndecided;
    known->entry = entry;
  }
}

// True: it was routed to us, and left to the feed.
bool ArchiveReader::take_deferred(const middle::MessageId& id) {
  const auto found = std::find(deferred_.begin(), deferred_.end(), id);
  if (found == deferred_.end()) return false;
  // The feed has caught up. Those before that did not come were refused, most likely.
  if (std::next(found) == deferred_.end()) {
    deferred_.clear();
  } else {
    deferred_.erase(found);
  }
  return true;
}

std::deque<ArchiveReader::Numbered>::iterator ArchiveReader::find(middle::FeedNumber number) {
  return std::find_if(window_.begin(), window_.end(),
                      [&](const Numbered& entry) { return entry.number == number; });
}

void ArchiveReader::deliver(const middle::Entry& entry) {
  if (entry.body.size() < kMessageEnd.size()) return;
  std::string stanza = entry.body.substr(0, entry.body.size() - kMessageEnd.size());
  stanza.append("<delay xmlns='urn:xmpp:delay' from='").append(host_.domain).append("' stamp='");
  stanza.append(utc_text(entry.accepted)).append("'/>").append(kMessageEnd);
  session_.send(stanza, entry.id);
}

// A message that was not routed to us, though we were there: either another resource was preferred,
// or it was accepted in the moment in which we came.
void ArchiveReader::decide() {
  const bool any = std::any_of(window_.begin(), window_.end(), [](const Numbered& entry) {
    return entry.state == State::kUndecided;
  });
  if (!any || deciding_) return;
  deciding_ = true;
  SessionHost& host = host_;
  host_.service->presences(
      session_.account(),
      [&host, handle = session_.handle()](Result<std::vector<middle::SessionPresence>> sessions) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr) return;
        reader->decided(sessions.ok() ? *sessions : std::vector<middle::SessionPresence>());
      });
}

void ArchiveReader::decided(const std::vector<middle::SessionPresence>& sessions) {
  deciding_ = false;
  std::vector<middle::EntryPtr> ours;
  for (Numbered& entry : window_) {
    if (entry.state != State::kUndecided) continue;
    const bool foreign = another_gets(entry, sessions);
    entry.state = foreign ? State::kForeign : State::kSent;
    if (!foreign) ours.push_back(std::move(entry.entry));
    entry.entry = nullptr;
  }
  for (const auto& entry : ours) {
    if (!session_.congested()) {
      deliver(*entry);
      continue;
    }
    // Later, from here on again.
    find(entry->number)->state = State::kForeign;
    if (entry->number <= read_) read_from(entry->number - 1);
  }
  advance();
  update_pause();
}

// Another session is preferred, or as good: it has what was not routed to us. Once that was wrong
// it is as if it came just now: equals all get it.
bool ArchiveReader::another_gets(const Numbered& entry,
                                 const std::vector<middle::SessionPresence>& sessions) const {
  const int below_it = im_state(session_)->priority - (entry.again ? 0 : 1);
  return std::any_of(sessions.begin(), sessions.end(), [&](const middle::SessionPresence& other) {
    return middle::takes_chat(other) && other.resource != session_.resource() &&
           other.priority > below_it;
  });
}

void ArchiveReader::delivered(const std::vector<middle::MessageId>& ids) {
  for (const auto& id : ids) {
    const auto numbered = std::find_if(window_.begin(), window_.end(),
                                       [&](const Numbered& entry) { return entry.id == id; });
    if (numbered != window_.end()) {
      numbered->state = State::kDone;
      continue;
    }
    const auto live = std::find_if(live_.begin(), live_.end(),
                                   [&](const Live& routed) { return routed.id == id; });
    if (live != live_.end()) live->delivered = true;
  }
  advance();
  update_pause();
}

void ArchiveReader::advance() {
  while (!window_.empty() && window_.front().state == State::kDone) {
    done_ = window_.front().number;
    window_.pop_front();
  }
  if (!window_.empty() && window_.front().state == State::kForeign) look_at_cursor();
  acknowledge();
}

void ArchiveReader::acknowledge() {
  if (done_ <= stored_ || acknowledging_) return;
  if (paced_ && done_ - stored_ < kMovesEvery) return;
  store_cursor();
  pace();
}

// Until the next sweep a few messages wait for each other.
void ArchiveReader::pace() {
  if (std::exchange(paced_, true)) return;
  SessionHost& host = host_;
  host.at_next_sweep.emplace_back([&host, handle = session_.handle()] {
    ArchiveReader* reader = archive_reader_of(host, handle);
    if (reader == nullptr) return;
    reader->paced_ = false;
    reader->acknowledge();
  });
}

middle::CursorMove ArchiveReader::move_to(middle::FeedNumber number) const {
  middle::CursorMove move;
  move.account = session_.account();
  move.session = session_.opened().number;
  move.feed = feed_;
  move.number = number;
  return move;
}

// One move at a time: while it is under way the next ones gather into one.
void ArchiveReader::store_cursor() {
  acknowledging_ = true;
  SessionHost& host = host_;
  host_.service->acknowledge(
      {move_to(done_)}, [&host, handle = session_.handle(), number = done_](Result<void> stored) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr) return;
        reader->acknowledging_ = false;
        if (!stored.ok()) return reader->pace();  // the sweep makes up for it
        reader->stored_ = std::max(reader->stored_, number);
        reader->acknowledge();
      });
}

// Another resource has what stands in our way; when it has acknowledged, the cursor shows it.
void ArchiveReader::look_at_cursor() {
  if (looking_) return;
  looking_ = true;
  SessionHost& host = host_;
  host_.service->archive_cursor(
      session_.account(), [&host, handle = session_.handle()](Result<middle::FeedNumber> cursor) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr) return;
        reader->looking_ = false;
        if (cursor.ok()) reader->pass(*cursor);
      });
}

void ArchiveReader::pass(middle::FeedNumber cursor) {
  bool moved = false;
  for (Numbered& entry : window_) {
    if (entry.number > cursor || entry.state != State::kForeign) continue;
    entry.state = State::kDone;
    moved = true;
  }
  if (moved) advance();
}

// XEP-0198 section 5: what it did not acknowledge is treated as if it had come just now.
void ArchiveReader::receiver_gone() {
  if (first_foreign() == 0) return;
  SessionHost& host = host_;
  host_.service->archive_cursor(
      session_.account(),
      [&host, handle = session_.handle(), start = starts_](Result<middle::FeedNumber> cursor) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr || reader->starts_ != start) return;
        if (!cursor.ok()) {
          host.at_next_sweep.emplace_back([&host, handle] {
            if (ArchiveReader* later = archive_reader_of(host, handle)) later->receiver_gone();
          });
          return;
        }
        reader->pass(*cursor);
        const middle::FeedNumber foreign = reader->first_foreign();
        if (foreign != 0 && foreign <= reader->read_) reader->read_from(foreign - 1);
      });
}

middle::FeedNumber ArchiveReader::first_foreign() const {
  for (const Numbered& entry : window_)
    if (entry.state == State::kForeign) return entry.number;
  return 0;
}

namespace {

struct Settling {
  middle::CursorMove move;
  std::vector<middle::MessageId> ids;  // what the client has
  int tries = 3;
};

// The number up to which all is delivered, or 0; what was found is taken out of the ids.
middle::FeedNumber delivered_up_to(const middle::FeedPage& page,
                                   std::vector<middle::MessageId>& ids) {
  middle::FeedNumber number = 0;
  for (const auto& entry : page.entries) {
    const auto known = std::find(ids.begin(), ids.end(), entry->id);
    if (known == ids.end() && !entry->body.empty()) break;
    if (known != ids.end()) ids.erase(known);
    number = entry->number;
  }
  return number;
}

void settle_ended(SessionHost& host, Settling settling) {
  // A copy made before: which argument is made first is the compiler's to choose.
  middle::XmppAccount account = settling.move.account;
  host.service->archive_cursor(std::move(account), [&host, settling = std::move(settling)](
                                                       Result<middle::FeedNumber> cursor) mutable {
    if (!cursor.ok()) return;
    middle::ReadRequest request;
    request.feed = settling.move.feed;
    request.after = std::max(*cursor, settling.move.number);
    host.service->read_feed(std::move(request), [&host, settling = std::move(settling)](
                                                    Result<middle::FeedPage> page) mutable {
      if (!page.ok()) return;
      settling.move.number = delivered_up_to(*page, settling.ids);
      if (settling.move.number > 0) host.service->acknowledge({settling.move}, [](Result<void>) {});
      // Chat is sent before it is durable: its entry may be yet to come.
      if (settling.ids.empty() || --settling.tries == 0) return;
      host.at_next_sweep.emplace_back([&host, settling = std::move(settling)]() mutable {
        settle_ended(host, std::move(settling));
      });
    });
  });
}

}  // namespace

std::vector<middle::CursorMove> ArchiveReader::settle() {
  Settling settling;
  for (const Live& live : live_)
    if (live.delivered) settling.ids.push_back(live.id);
  for (const Numbered& entry : window_)
    if (entry.state == State::kDone) settling.ids.push_back(entry.id);
  settling.move = move_to(done_);
  std::vector<middle::CursorMove> moves;
  if (done_ > stored_) moves.push_back(settling.move);
  if (!settling.ids.empty()) settle_ended(host_, std::move(settling));
  return moves;
}

void ArchiveReader::on_feed_reset(middle::SubscriptionId, const middle::FeedId&,
                                  const middle::Incarnation&) {
  // Numbers begin anew: what was delivered is known by its id only.
  seen_ = read_ = done_ = stored_ = tail_ = 0;
  window_.clear();
}

void ArchiveReader::set_writable(bool writable) {
  writable_ = writable;
  update_pause();
  if (writable) return;
  // Its client is slow, or its link is lost: another session may read the cursor soon.
  paced_ = false;
  acknowledge();
}

void ArchiveReader::update_pause() {
  if (subscription_ == middle::SubscriptionId::kNone) return;
  const bool pause = !writable_ || session_.congested();
  if (pause == paused_) return;
  paused_ = pause;
  if (pause) {
    host_.feeds->pause(subscription_);
  } else {
    host_.feeds->resume(subscription_);
  }
}

}  // namespace longwire::xmpp
