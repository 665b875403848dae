#include "middle/feed/feed.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "middle/partition/rows.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kSegmentsPerFeed = 32;
constexpr std::int64_t kSegmentShare = 64;  // of a time to live: so exact is trimming
constexpr int kLookBackMax = 4096;
constexpr int kLoadsAtOnce = 64;

// The older two segments of the smallest pair become one: resolution is lost, nothing else.
void merge_segments(FeedRow& feed) {
  std::size_t best = 0;
  FeedNumber best_size = ~FeedNumber{0};
  FeedNumber before = feed.oldest - 1;
  for (std::size_t i = 0; i + 1 < feed.segments.size(); ++i) {
    const FeedNumber size = feed.segments[i + 1].last - before;
    if (size < best_size) {
      best_size = size;
      best = i;
    }
    before = feed.segments[i].last;
  }
  FeedSegment& second = feed.segments[best + 1];
  second.expires = std::max(second.expires, feed.segments[best].expires);
  feed.segments.erase(feed.segments.begin() + static_cast<std::ptrdiff_t>(best));
}

void trim(FeedRow& feed, Timestamp now) {
  std::size_t dead = 0;
  while (dead < feed.segments.size() && feed.segments[dead].expires <= now) ++dead;
  if (dead == 0) return;
  feed.oldest = feed.segments[dead - 1].last + 1;
  feed.trimmed = std::max(feed.trimmed, feed.segments[dead - 1].bytes);
  feed.segments.erase(feed.segments.begin(),
                      feed.segments.begin() + static_cast<std::ptrdiff_t>(dead));
}

// Entries of about the same time to live that come soon after each other have one segment: the row
// is written with every append, so it has to be short.
Timestamp trimmed_at(const Entry& entry) {
  const std::int64_t ttl = std::max<std::int64_t>((entry.expires - entry.accepted).count(), 1);
  const auto share = std::max<std::uint64_t>(static_cast<std::uint64_t>(ttl / kSegmentShare), 1);
  const auto grain = static_cast<std::int64_t>(std::bit_floor(share));
  return {(entry.expires.ms + grain - 1) / grain * grain};
}

void add_segment(FeedRow& feed, FeedNumber number, Timestamp expires) {
  if (!feed.segments.empty() && feed.segments.back().expires == expires) {
    feed.segments.back().last = number;
    feed.segments.back().bytes = feed.bytes;
    return;
  }
  feed.segments.push_back({number, expires, feed.bytes});
  if (feed.segments.size() > kSegmentsPerFeed) merge_segments(feed);
}

Result<FeedRow> load_feed(Transaction& transaction, const FeedId& feed) {
  auto row = read_row<FeedRow>(transaction, feed_key(feed));
  if (!row) return row.error();
  return row->value_or(FeedRow{});
}

std::shared_ptr<Entry> without_body(FeedNumber number) {
  auto entry = std::make_shared<Entry>();
  entry->number = number;
  return entry;
}

// Until trace is no longer asked, where it needs the entry to tell what hid it.
Timestamp kept_until(const Entry& entry) {
  return entry.collapse_key.empty() ? entry.expires : entry.expires + kTraceKept;
}

Status hide(Transaction& transaction, const FeedId& feed, FeedNumber number) {
  Bytes key = entry_key(feed, number);
  auto row = read_row<EntryRow>(transaction, key);
  if (!row) return row.error();
  if (!*row) return {};
  (*row)->hidden = transaction.now();
  transaction.put(std::move(key), encode(**row), kept_until((*row)->entry));
  return {};
}

// True where the entry is the newest of its key now; the one before is hidden.
Result<bool> claim_collapse(Transaction& transaction, const FeedId& feed, const Entry& entry) {
  if (entry.collapse_key.empty()) return true;
  Bytes key = collapse_key(feed, entry.collapse_key);
  auto row = read_row<CollapseRow>(transaction, key);
  if (!row) return row.error();
  if (*row && (*row)->accepted > entry.accepted) return false;
  if (*row) TRY(hide(transaction, feed, (*row)->number));
  transaction.put(std::move(key), encode(CollapseRow{entry.number, entry.accepted}),
                  entry.expires + kTraceKept);
  return true;
}

// The entry as a reader gets it.
Result<EntryPtr> present(Transaction& transaction, const FeedId& feed, FeedNumber number) {
  auto row = read_row<EntryRow>(transaction, entry_key(feed, number));
  if (!row) return row.error();
  if (!*row) return EntryPtr(without_body(number));  // expired, and gone already
  auto entry = std::make_shared<Entry>(std::move((*row)->entry));
  entry->number = number;
  if (entry->expires <= transaction.now()) {
    entry->body.clear();
    return EntryPtr(std::move(entry));
  }
  if ((*row)->hidden || (*row)->inline_body || entry->kind != EntryKind::kMessage)
    return EntryPtr(std::move(entry));
  const Bytes* message = transaction.get(message_key(entry->id));
  if (message == nullptr) {
    // A missing body is an error, never a reason to skip.
    return Error{ErrorCode::kCorrupt, "entry without its message: " + entry->id.to_string()};
  }
  MessageRow decoded;
  TRY(decode(*message, decoded));
  entry->recalled = decoded.recalled.has_value();
  if (!entry->recalled) entry->body = std::move(decoded.body);
  return EntryPtr(std::move(entry));
}

// Whether an entry of `bytes` fits behind what `cursor` has not passed.
bool fits(const FeedRow& feed, const CursorRow& cursor, std::uint64_t bytes,
          const ArchiveBound& bound) {
  const FeedNumber passed = std::max(cursor.number, feed.oldest - 1);
  if (feed.tail <= passed) return true;
  if (feed.tail - passed >= bound.entries) return false;
  const std::uint64_t bytes_passed = std::max(cursor.bytes, feed.trimmed);
  return feed.bytes - std::min(feed.bytes, bytes_passed) + bytes <= bound.bytes;
}

// What was read waits for its expiry too: mostly all of that fits, and the cursor need not be read.
Result<bool> has_room(Transaction& transaction, const XmppAccount& account, const FeedId& archive,
                      const FeedRow& state, std::uint64_t bytes, const ArchiveBound& bound) {
  if (fits(state, CursorRow{}, bytes, bound)) return true;
  auto cursor = read_row<CursorRow>(transaction, cursor_key(account.value(), archive));
  if (!cursor) return cursor.error();
  return fits(state, cursor->value_or(CursorRow{}), bytes, bound);
}

// To the feed in `state`, already trimmed.
Result<FeedNumber> append(Transaction& transaction, const FeedId& feed, FeedRow state, Entry entry,
                          BodyPlace place) {
  entry.number = ++state.tail;
  if (feed_kind(feed) == FeedKind::kArchive) state.bytes += entry.body.size();
  add_segment(state, entry.number, trimmed_at(entry));
  transaction.put(feed_key(feed), encode(state));

  auto shown = claim_collapse(transaction, feed, entry);
  if (!shown) return shown.error();
  const FeedNumber number = entry.number;
  EntryRow stored{std::move(entry), place == BodyPlace::kEntry, std::nullopt, state.bytes};
  if (!*shown) stored.hidden = transaction.now();
  transaction.put(entry_key(feed, number), encode(stored), kept_until(stored.entry));
  if (stored.hidden) stored.entry.body.clear();
  transaction.publish(feed, std::make_shared<const Entry>(std::move(stored.entry)));
  return number;
}

}  // namespace

Result<FeedNumber> append_entry(Transaction& transaction, const FeedId& feed, Entry entry,
                                BodyPlace place) {
  auto state = load_feed(transaction, feed);
  if (!state) return state.error();
  trim(*state, transaction.now());
  return append(transaction, feed, std::move(*state), std::move(entry), place);
}

Result<FeedNumber> append_to_archive(Transaction& transaction, const XmppAccount& account,
                                     Entry entry, const ArchiveBound& bound) {
  const FeedId feed = archive_feed(account);
  auto state = load_feed(transaction, feed);
  if (!state) return state.error();
  trim(*state, transaction.now());
  auto room = has_room(transaction, account, feed, *state, entry.body.size(), bound);
  if (!room) return room.error();
  if (!*room) return FeedNumber{0};
  return append(transaction, feed, std::move(*state), std::move(entry), BodyPlace::kEntry);
}

Result<FeedNumber> append_withdrawal(Transaction& transaction, const FeedId& feed,
                                     const MessageId& id, const MessageRow& message) {
  Entry entry;
  entry.kind = EntryKind::kWithdrawal;
  entry.id = id;
  entry.app = message.app;
  entry.accepted = transaction.now();
  entry.expires = message.expires;
  return append_entry(transaction, feed, std::move(entry), BodyPlace::kEntry);
}

Result<FeedNumber> feed_tail(Transaction& transaction, const FeedId& feed) {
  auto state = load_feed(transaction, feed);
  if (!state) return state.error();
  return state->tail;
}

Result<std::uint64_t> live_entries(Transaction& transaction, const FeedId& feed) {
  auto state = load_feed(transaction, feed);
  if (!state) return state.error();
  std::uint64_t live = 0;
  FeedNumber before = state->oldest - 1;
  for (const FeedSegment& segment : state->segments) {
    if (segment.expires > transaction.now()) live += segment.last - before;
    before = segment.last;
  }
  return live;
}

Result<FeedPage> read_entries(Transaction& transaction, const ReadRequest& request,
                              const Incarnation& storage) {
  auto state = load_feed(transaction, request.feed);
  if (!state) return state.error();
  trim(*state, transaction.now());
  FeedPage page;
  page.tail = state->tail;
  page.oldest = state->oldest;
  page.incarnation = state->incarnation.empty() ? storage : state->incarnation;
  std::size_t bytes = 0;
  for (FeedNumber number = std::max(request.after + 1, state->oldest);
       number <= state->tail && page.entries.size() < request.entries_max; ++number) {
    Result<EntryPtr> entry = present(transaction, request.feed, number);
    // An incomplete run goes on, to learn all the keys it needs.
    if (!entry && transaction.complete()) return entry.error();
    if (!entry) continue;
    bytes += (*entry)->body.size();
    if (bytes > request.bytes_max && !page.entries.empty()) break;
    page.entries.push_back(std::move(*entry));
  }
  return page;
}

Result<std::optional<FeedNumber>> find_entry(Transaction& transaction, const FeedId& feed,
                                             const MessageId& id, Timestamp since) {
  auto state = load_feed(transaction, feed);
  if (!state) return state.error();
  int looked_at = 0;
  int absent = 0;  // or not in memory: an incomplete run learns some keys at once, not all
  for (FeedNumber number = state->tail; number >= state->oldest; --number) {
    if (absent == kLoadsAtOnce && !transaction.complete()) break;
    if (++looked_at > kLookBackMax)
      return Error{ErrorCode::kResourceExhausted, "too much came since: the repeat is not known"};
    auto row = read_row<EntryRow>(transaction, entry_key(feed, number));
    if (!row) return row.error();
    if (!*row) {
      ++absent;
      continue;
    }
    if ((*row)->entry.id == id) return std::optional(number);
    if ((*row)->entry.accepted < since) break;
  }
  return std::optional<FeedNumber>();
}

Result<Incarnation> feed_incarnation(Transaction& transaction, const FeedId& feed) {
  auto state = load_feed(transaction, feed);
  if (!state) return state.error();
  return state->incarnation;
}

Status reset_feed(Transaction& transaction, const FeedId& feed, const Incarnation& incarnation) {
  auto state = load_feed(transaction, feed);
  if (!state) return state.error();
  state->incarnation = incarnation;
  transaction.put(feed_key(feed), encode(*state));
  transaction.publish_reset(feed, incarnation);
  return {};
}

}  // namespace longwire::middle
