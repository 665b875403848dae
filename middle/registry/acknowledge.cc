#include "middle/registry/acknowledge.h"

#include <algorithm>

#include "middle/feed/cursor.h"
#include "middle/feed/feed.h"
#include "middle/partition/rows.h"
#include "middle/registry/registrations.h"

namespace longwire::middle {
namespace {

Result<FeedNumber> acknowledge_archive(Transaction& transaction, const CursorMove& move) {
  if (move.feed != archive_feed(move.account)) return FeedNumber{0};
  auto tail = feed_tail(transaction, move.feed);
  if (!tail) return tail.error();
  if (move.number > *tail) return FeedNumber{0};
  return raise_cursor(transaction, move.account.value(), move.feed, move.number, {});
}

Result<bool> session_counts(Transaction& transaction, const CursorMove& move) {
  auto device = read_row<DeviceRow>(transaction, device_key(DeviceId(move.account.value())));
  if (!device) return device.error();
  return *device && move.session == (*device)->session;
}

Result<FeedNumber> acknowledge_one(Transaction& transaction, const CheckedMove& checked) {
  const CursorMove& move = checked.move;
  if (move.registration.empty()) return acknowledge_archive(transaction, move);
  auto counts = session_counts(transaction, move);
  if (!counts) return counts.error();
  auto row = read_row<RegistrationRow>(transaction, registration_key(move.registration));
  if (!row) return row.error();
  if (!*counts || !*row) return FeedNumber{0};
  const Registration& registration = (*row)->registration;
  if (registration.device.value() != move.account.value()) return FeedNumber{0};
  const std::vector<FeedId> feeds = feeds_of(registration);
  if (std::find(feeds.begin(), feeds.end(), move.feed) == feeds.end()) return FeedNumber{0};
  Incarnation incarnation = checked.incarnation;
  if (feed_kind(move.feed) == FeedKind::kInbox) {
    auto tail = feed_tail(transaction, move.feed);
    if (!tail) return tail.error();
    if (move.number > *tail) return FeedNumber{0};
    auto own = feed_incarnation(transaction, move.feed);
    if (!own) return own.error();
    incarnation = std::move(*own);
  }
  return raise_cursor(transaction, move.registration.value(), move.feed, move.number, incarnation);
}

}  // namespace

Result<Acknowledged> acknowledge(Transaction& transaction, const std::vector<CheckedMove>& moves) {
  Acknowledged result;
  for (const CheckedMove& move : moves) {
    auto risen = acknowledge_one(transaction, move);
    if (!risen) return risen.error();
    result.delivered += *risen;
    if (*risen == 0) ++result.ignored;
  }
  return result;
}

}  // namespace longwire::middle
