#include "middle/feed/cursor.h"

#include <algorithm>

#include "middle/partition/rows.h"

namespace longwire::middle {
namespace {

// For trace, which is asked about pushes only.
void add_step(CursorRow& cursor, Timestamp now) {
  if (cursor.steps.size() == kCursorStepsMax) cursor.steps.erase(cursor.steps.begin());
  cursor.steps.push_back({cursor.number, now});
}

// So that what waits behind the cursor is known without reading it. One that is gone has been
// trimmed, or will be soon.
Result<std::uint64_t> bytes_up_to(Transaction& transaction, const FeedId& feed, FeedNumber number) {
  auto row = read_row<EntryRow>(transaction, entry_key(feed, number));
  if (!row) return row.error();
  return *row ? (*row)->bytes : 0;
}

}  // namespace

Result<FeedNumber> raise_cursor(Transaction& transaction, std::string_view reader,
                                const FeedId& feed, FeedNumber number,
                                const Incarnation& incarnation) {
  Bytes key = cursor_key(reader, feed);
  auto row = read_row<CursorRow>(transaction, key);
  if (!row) return row.error();
  CursorRow cursor = std::move(*row).value_or(CursorRow{});
  if (cursor.incarnation != incarnation) cursor = CursorRow{0, {}, incarnation};
  if (number <= cursor.number) return FeedNumber{0};
  const FeedNumber risen = number - cursor.number;
  cursor.number = number;
  if (feed_kind(feed) == FeedKind::kArchive) {
    auto bytes = bytes_up_to(transaction, feed, number);
    if (!bytes) return bytes.error();
    cursor.bytes = std::max(cursor.bytes, *bytes);
  } else {
    add_step(cursor, transaction.now());
  }
  transaction.put(std::move(key), encode(cursor));
  return risen;
}

Result<FeedNumber> read_cursor(Transaction& transaction, std::string_view reader,
                               const FeedId& feed, const Incarnation& incarnation) {
  auto row = read_row<CursorRow>(transaction, cursor_key(reader, feed));
  if (!row) return row.error();
  if (!*row || (*row)->incarnation != incarnation) return FeedNumber{0};
  return (*row)->number;
}

std::optional<Timestamp> passed_at(const CursorRow& cursor, FeedNumber number) {
  if (cursor.number < number) return std::nullopt;
  for (const CursorStep& step : cursor.steps) {
    if (step.number >= number) return step.at;
  }
  return std::nullopt;
}

}  // namespace longwire::middle
