#include "xmpp/im/archive_reader.h"

#include <algorithm>
#include <utility>

#include "xmpp/im/im_state.h"
#include "xmpp/im/timestamps.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

constexpr std::string_view kMessageEnd = "</message>";
// Beyond it the oldest may come twice: nobody follows the feed, so nothing else bounds them.
constexpr std::size_t kRememberedMax = 1'000;
// Beyond it the oldest count as any other entry that was not routed to us: decide() judges.
constexpr std::size_t kDeferredMax = 1'000;

std::vector<std::string> resources_of(const std::vector<middle::SessionPresence>& sessions) {
  std::vector<std::string> resources;
  resources.reserve(sessions.size());
  for (const middle::SessionPresence& session : sessions) resources.push_back(session.resource);
  return resources;
}

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
  if (reads_ == Reads::kAll) return;
  if (reads_ == Reads::kOwn) host_.service->acknowledge(halt(), [](Result<void>) {});
  begin(Reads::kAll);
}

void ArchiveReader::begin(Reads reads) {
  reads_ = reads;
  ++starts_;
  ask_cursor();
}

void ArchiveReader::ask_cursor() {
  SessionHost& host = host_;
  host_.service->archive_cursor(
      session_.account(),
      [&host, handle = session_.handle(), start = starts_](Result<middle::FeedNumber> cursor) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr || reader->starts_ != start) return;
        if (cursor.ok()) return reader->ask_tail(*cursor);
        // Without it nothing would ever come.
        host.at_next_sweep.emplace_back([&host, handle, start] {
          ArchiveReader* later = archive_reader_of(host, handle);
          if (later != nullptr && later->starts_ == start) later->ask_cursor();
        });
      });
}

void ArchiveReader::ask_tail(middle::FeedNumber cursor) {
  middle::ReadRequest request;
  request.feed = feed_;
  request.after = cursor;
  request.entries_max = 1;
  SessionHost& host = host_;
  host_.service->read_feed(std::move(request), [&host, handle = session_.handle(), start = starts_,
                                                cursor](Result<middle::FeedPage> page) {
    ArchiveReader* reader = archive_reader_of(host, handle);
    if (reader == nullptr || reader->starts_ != start) return;
    reader->ask_others(cursor, page.ok() ? page->tail : cursor);
  });
}

void ArchiveReader::ask_others(middle::FeedNumber cursor, middle::FeedNumber tail) {
  SessionHost& host = host_;
  host_.service->presences(session_.account(),
                           [&host, handle = session_.handle(), start = starts_, cursor,
                            tail](Result<std::vector<middle::SessionPresence>> sessions) {
                             ArchiveReader* reader = archive_reader_of(host, handle);
                             if (reader == nullptr || reader->starts_ != start) return;
                             if (sessions.ok()) reader->others_ = resources_of(*sessions);
                             reader->follow(cursor, tail);
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
  if (reads_ != Reads::kAll) return {};
  std::vector<middle::CursorMove> moves = halt();
  if (!live_.empty()) begin(Reads::kOwn);  // it may be acknowledged yet
  return moves;
}

std::vector<middle::CursorMove> ArchiveReader::halt() {
  reads_ = Reads::kNothing;
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
  if (reads_ == Reads::kNothing && live_.size() >= kRememberedMax) live_.pop_front();
  live_.push_back({id, delivered});
}

// A client that does not keep up gets its chat from the feed, which waits for it, and brings once
// what was routed twice; and in order: until the feed has brought what is there, as after a pause
// or a lost link, and what was left to it, and it is known whose it is, nothing overtakes it.
bool ArchiveReader::defer(const middle::MessageId& id, bool by_feed) {
  const bool follows = subscription_ != middle::SubscriptionId::kNone;
  const bool is_behind = reads_ == Reads::kAll && (!follows || seen_ < tail_);
  const bool waits = session_.congested() || by_feed || !deferred_.empty() || any_undecided();
  const bool catches_up = follows && (waits || host_.feeds->is_behind(subscription_));
  if (!is_behind && !catches_up) return false;
  if (deferred_.size() >= kDeferredMax) deferred_.pop_front();
  deferred_.push_back(id);
  return true;
}

bool ArchiveReader::any_undecided() const {
  return std::any_of(window_.begin(), window_.end(),
                     [](const Numbered& entry) { return entry.state == State::kUndecided; });
}

bool ArchiveReader::add_live(const middle::MessageId& id, bool by_feed) {
  const bool known =
      std::any_of(live_.begin(), live_.end(), [&](const Live& routed) { return routed.id == id; });
  if (known) return false;
  const auto numbered = std::find_if(window_.begin(), window_.end(),
                                     [&](const Numbered& entry) { return entry.id == id; });
  if (numbered == window_.end()) {
    if (defer(id, by_feed)) return false;
    if (reads_ == Reads::kNothing) begin(Reads::kOwn);
    remember(id, false);
    return true;
  }
  // The feed was faster. What we took for another resource's is ours after all.
  if (numbered->state == State::kUndecided) numbered->ours = true;
  if (numbered->state != State::kForeign) return false;
  const bool later = defer(id, false);
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
  const bool ours = take_deferred(entry->id) && is_chat(*entry);
  State state = ours ? State::kSent : judge(*entry);
  if (state == State::kSent && any_undecided()) state = State::kUndecided;
  window_.push_back({entry->number, entry->id, state, {}, ours});
  if (state == State::kUndecided) window_.back().entry = entry;
  if (state == State::kSent) deliver(*entry);
}

// Whose an entry is that was not routed to us.
ArchiveReader::State ArchiveReader::judge(const middle::Entry& entry) const {
  if (!is_chat(entry)) return State::kDone;
  if (reads_ == Reads::kOwn) return State::kForeign;
  if (entry.number > tail_) return State::kUndecided;
  return is_for_another(entry, others_) ? State::kForeign : State::kSent;
}

// It names another resource, which is connected (RFC 6121 section 8.5.3.1).
bool ArchiveReader::is_for_another(const middle::Entry& entry,
                                   const std::vector<std::string>& connected) const {
  if (connected.empty() || (connected.size() == 1 && connected[0] == session_.resource()))
    return false;
  // The start tag alone; we wrote it, so no value holds a '>'.
  const std::string tag = entry.body.substr(0, entry.body.find('>')) + "/>";
  if (host_.xml.parse_stanza({}, tag) != StreamError::kNone) return false;
  const auto to = parse_jid(host_.xml.document().root().attribute_or_empty("to"));
  return to && !to->is_bare() && to->resource != session_.resource() &&
         std::find(connected.begin(), connected.end(), to->resource) != connected.end();
}

// It was taken for another resource's, which did not get it, or was left for later.
void ArchiveReader::take_again(const middle::EntryPtr& entry) {
  const auto known = find(entry->number);
  if (known == window_.end() || known->state != State::kForeign) return;
  const bool deferred = take_deferred(entry->id);
  if (!is_chat(*entry)) {
    known->state = State::kDone;
  } else if (deferred) {
    known->state = State::kSent;
    deliver(*entry);
  } else if (reads_ == Reads::kAll) {
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
  const auto found = std::lower_bound(
      window_.begin(), window_.end(), number,
      [](const Numbered& entry, middle::FeedNumber wanted) { return entry.number < wanted; });
  return found != window_.end() && found->number == number ? found : window_.end();
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
  if (!any_undecided() || deciding_) return;
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
  const std::vector<std::string> connected = resources_of(sessions);
  std::vector<middle::EntryPtr> ours;
  for (Numbered& entry : window_) {
    if (entry.state != State::kUndecided) continue;
    const bool foreign =
        !entry.ours && (is_for_another(*entry.entry, connected) || another_gets(sessions));
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

// Another session is preferred: it has what was not routed to us. Equals all get it, so that one
// which was routed to none of them is not left to each other.
bool ArchiveReader::another_gets(const std::vector<middle::SessionPresence>& sessions) const {
  const int priority = im_state(session_)->priority;
  return std::any_of(sessions.begin(), sessions.end(), [&](const middle::SessionPresence& other) {
    return middle::takes_chat(other) && other.resource != session_.resource() &&
           other.priority > priority;
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
  // The feed is paused now: it tells no numbers.
  if (!session_.attached()) look_up_delivered();
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
