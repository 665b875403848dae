#include "middle/target/trace.h"

#include <algorithm>
#include <utility>

#include "middle/feed/cursor.h"
#include "middle/feed/feed.h"
#include "middle/partition/rows.h"
#include "middle/registry/registry_rows.h"
#include "middle/target/audience.h"

namespace longwire::middle {
namespace {

// What ended a copy, but for its reader.
struct Ends {
  Timestamp expires;
  std::optional<Timestamp> recalled;
  std::optional<Timestamp> collapsed;
};

bool ended_by(std::optional<Timestamp> end, std::optional<Timestamp> passed) {
  return end && (!passed || *passed >= *end);
}

void judge(TraceCopy& copy, const Ends& ends, std::optional<Timestamp> passed, Timestamp now) {
  if (ended_by(ends.recalled, passed)) {
    copy.state = CopyState::kRecalled;
  } else if (ended_by(ends.collapsed, passed)) {
    copy.state = CopyState::kCollapsed;
  } else if (passed.value_or(now) >= ends.expires) {
    copy.state = CopyState::kExpired;
  } else if (passed) {
    copy.state = CopyState::kDelivered;
    copy.at = passed;
  } else {
    copy.state = CopyState::kWaiting;
  }
}

Result<std::optional<Timestamp>> when_passed(Transaction& transaction, const RegId& reader,
                                             const FeedId& feed, FeedNumber number) {
  auto cursor = read_row<CursorRow>(transaction, cursor_key(reader.value(), feed));
  if (!cursor) return cursor.error();
  if (!*cursor) return std::optional<Timestamp>();
  return passed_at(**cursor, number);
}

Result<TraceCopy> trace_copy(Transaction& transaction, const MessageRow& message,
                             const MessageCopy& stored) {
  TraceCopy copy;
  copy.registration = stored.registration;
  copy.feed = inbox_feed(stored.registration);
  copy.number = stored.number;
  const bool lives = transaction.get(registration_key(stored.registration)) != nullptr;
  if (stored.number == 0 || !lives) {
    copy.state = CopyState::kRejected;
    copy.reason = stored.number == 0 ? stored.rejected : "registration_ended";
    return copy;
  }
  Ends ends{message.expires, message.recalled, std::nullopt};
  auto row = read_row<EntryRow>(transaction, entry_key(copy.feed, copy.number));
  if (!row) return row.error();
  if (*row) ends.collapsed = (*row)->hidden;
  auto passed = when_passed(transaction, copy.registration, copy.feed, copy.number);
  if (!passed) return passed.error();
  judge(copy, ends, *passed, transaction.now());
  return copy;
}

Result<std::optional<SharedEntry>> shared_entry(Transaction& transaction,
                                                const MessageRow& message) {
  if (message.home->number == 0) return std::optional<SharedEntry>();
  SharedEntry shared;
  shared.feed = message.home->feed;
  shared.recalled = message.recalled;
  auto row = read_row<EntryRow>(transaction, entry_key(shared.feed, message.home->number));
  if (!row) return row.error();
  if (*row) {
    shared.entry = std::move((*row)->entry);
    shared.collapsed = (*row)->hidden;
  }
  shared.entry.number = message.home->number;
  shared.entry.expires = message.expires;
  return std::optional(std::move(shared));
}

TraceCopy waiting_copy(const RegId& registration) {
  TraceCopy copy;
  copy.registration = registration;
  copy.feed = inbox_feed(registration);
  return copy;
}

}  // namespace

Result<std::vector<TraceCopy>> trace_copies(Transaction& transaction, const MessageId& id,
                                            const std::vector<RegId>& expected) {
  auto found = read_row<MessageRow>(transaction, message_key(id));
  if (!found) return found.error();
  std::vector<TraceCopy> copies;
  if (!*found) {
    for (const RegId& registration : expected) copies.push_back(waiting_copy(registration));
    return copies;
  }
  for (const MessageCopy& stored : (*found)->copies) {
    if (copies.size() == kTraceCopiesMax) break;
    auto copy = trace_copy(transaction, **found, stored);
    if (!copy) return copy.error();
    copies.push_back(std::move(*copy));
  }
  return copies;
}

Result<TraceHome> trace_home(Transaction& transaction, const MessageId& id) {
  auto found = read_row<MessageRow>(transaction, message_key(id));
  if (!found) return found.error();
  if (!*found || !(*found)->home) return Error{ErrorCode::kNotFound, "no such message"};
  const MessageRow& message = **found;
  TraceHome home;
  home.reply.id = id;
  home.reply.app = message.app;
  home.reply.target = message.home->target;
  home.reply.names = message.home->names;
  home.reply.accepted = message.accepted;
  home.reply.scheduled = message.recalled ? std::nullopt : message.home->scheduled;
  home.reply.expires = message.expires;
  if (home.reply.scheduled)
    home.reply.expires = *home.reply.scheduled + (message.expires - message.accepted);
  home.reply.recalled = message.recalled.has_value();
  home.remote = message.home->remote;
  auto shared = shared_entry(transaction, message);
  if (!shared) return shared.error();
  home.shared = std::move(*shared);
  auto copies = trace_copies(transaction, id, {});
  if (!copies) return copies.error();
  home.reply.copies = std::move(*copies);
  return home;
}

Result<std::vector<TraceCopy>> trace_shared(Transaction& transaction, const SharedEntry& shared,
                                            const std::vector<RegId>& readers) {
  std::vector<TraceCopy> copies;
  for (const RegId& reader : readers) {
    TraceCopy copy;
    copy.registration = reader;
    copy.feed = shared.feed;
    copy.number = shared.entry.number;
    auto row = read_row<RegistrationRow>(transaction, registration_key(reader));
    if (!row) return row.error();
    if (!*row) {
      copy.state = CopyState::kRejected;
      copy.reason = "registration_ended";
    } else if (!entry_addresses(shared.entry, shared.feed, (*row)->registration)) {
      copy.state = CopyState::kFiltered;
    } else {
      auto passed = when_passed(transaction, reader, shared.feed, copy.number);
      if (!passed) return passed.error();
      judge(copy, {shared.entry.expires, shared.recalled, shared.collapsed}, *passed,
            transaction.now());
    }
    copies.push_back(std::move(copy));
  }
  return copies;
}

}  // namespace longwire::middle
