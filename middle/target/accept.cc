// claim := 1:u8 id:12 addressed:varint  (key: plan.cc)

#include "middle/target/accept.h"

#include <algorithm>
#include <map>
#include <utility>

#include "middle/feed/feed.h"
#include "middle/partition/rows.h"
#include "middle/registry/names.h"
#include "middle/registry/registry_rows.h"

namespace longwire::middle {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::chrono::milliseconds kLaneRetry{500};
constexpr std::chrono::milliseconds kLiveRetry = std::chrono::minutes(1);

struct ClaimRow {
  MessageId id;
  std::uint64_t addressed = 0;
};

Bytes encode(const ClaimRow& row) {
  ByteWriter writer;
  writer.u8(kVersion);
  write_message_id(writer, row.id);
  writer.varint(row.addressed);
  return std::move(writer).take();
}

Status decode(BytesView bytes, ClaimRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  row.id = read_message_id(reader);
  row.addressed = reader.varint();
  return reader.finish();
}

SendReply repeated(const MessageId& id, std::uint64_t addressed) {
  SendReply reply;
  reply.id = id;
  reply.repeated = true;
  reply.addressed = addressed;
  return reply;
}

// A schedule's id and key were claimed when it was made; it counts while its row stands.
Result<std::optional<SendReply>> take_schedule(Transaction& transaction, const SendPlan& plan) {
  Bytes key = schedule_key(*plan.request.not_before, plan.id);
  if (transaction.get(key) == nullptr)
    return Error{ErrorCode::kNotFound, "the scheduled send was cancelled"};
  transaction.remove(std::move(key));
  return std::optional<SendReply>();
}

// The first reply to the same id or idempotency key, if there was one.
Result<std::optional<SendReply>> earlier(Transaction& transaction, const SendPlan& plan,
                                         const AcceptLimits& limits) {
  if (plan.scheduled) return take_schedule(transaction, plan);
  if (plan.may_repeat) {
    if (plan.id.time() + limits.repeat_window < transaction.now())
      return Error{ErrorCode::kInvalidArgument, "the message id is too old to be repeated"};
    auto row = read_row<MessageRow>(transaction, message_key(plan.id));
    if (!row) return row.error();
    if (*row && (*row)->home) return std::optional(repeated(plan.id, (*row)->copies.size()));
  }
  const SendRequest& request = plan.request;
  if (request.idempotency_key.empty()) return std::optional<SendReply>();
  auto claim = read_row<ClaimRow>(transaction, claim_key(request.app, request.idempotency_key));
  if (!claim) return claim.error();
  // The store may keep the row for longer than the window.
  if (!*claim || (*claim)->id.time() + limits.repeat_window < transaction.now())
    return std::optional<SendReply>();
  return std::optional(repeated((*claim)->id, (*claim)->addressed));
}

void claim(Transaction& transaction, const SendPlan& plan, std::uint64_t addressed,
           const AcceptLimits& limits) {
  const SendRequest& request = plan.request;
  if (plan.scheduled || request.idempotency_key.empty()) return;
  transaction.put(claim_key(request.app, request.idempotency_key),
                  encode(ClaimRow{plan.id, addressed}), transaction.now() + limits.repeat_window);
}

Delivery delivery_of(Transaction& transaction, const SendPlan& plan) {
  const SendRequest& request = plan.request;
  return {.id = plan.id,
          .app = request.app,
          .packages = request.packages,
          .accepted = transaction.now(),
          .expires = transaction.now() + request.time_to_live,
          .priority = request.priority,
          .collapse_key = request.collapse_key,
          .via = request.target,
          .recipients = {},
          .body = request.body};
}

MessageRow message_of(Transaction& transaction, const SendPlan& plan) {
  const SendRequest& request = plan.request;
  MessageRow row;
  row.app = request.app;
  row.accepted = transaction.now();
  row.expires = transaction.now() + request.time_to_live;
  row.home = MessageHome{};
  row.home->target = request.target;
  row.home->names = request.names;
  row.body = request.body;
  return row;
}

void store_message(Transaction& transaction, const MessageId& id, const MessageRow& row) {
  const Timestamp from = row.home && row.home->scheduled ? *row.home->scheduled : row.accepted;
  transaction.put(message_key(id), encode(row),
                  std::max(row.expires, from + (row.expires - row.accepted)) + kTraceKept);
}

using ByPartition = std::map<PartitionId, std::vector<Recipient>>;

// Named twice, also by two aliases, is addressed once.
ByPartition by_partition(Transaction& transaction, const std::vector<Recipient>& recipients) {
  absl::flat_hash_map<std::string_view, bool> seen;
  ByPartition groups;
  for (const Recipient& recipient : recipients) {
    if (!seen.emplace(recipient.registration.value(), true).second) continue;
    groups[transaction.home(home_of(recipient.registration))].push_back(recipient);
  }
  return groups;
}

// One copy, into its inbox; or why not.
Result<MessageCopy> deliver_copy(Transaction& transaction, const Delivery& delivery,
                                 const Recipient& recipient) {
  MessageCopy copy{recipient.registration, 0, {}};
  auto why_not =
      why_not_addressed(transaction, recipient.registration, delivery.app, delivery.packages);
  if (!why_not) return why_not.error();
  if (!why_not->empty()) {
    copy.rejected = std::move(*why_not);
    return copy;
  }
  Entry entry;
  entry.id = delivery.id;
  entry.app = delivery.app;
  entry.accepted = delivery.accepted;
  entry.expires = delivery.expires;
  entry.priority = delivery.priority;
  entry.collapse_key = delivery.collapse_key;
  entry.via = delivery.via;
  entry.via_name = recipient.via_name;
  entry.packages = delivery.packages;
  entry.body = delivery.body;
  auto number = append_entry(transaction, inbox_feed(recipient.registration), std::move(entry),
                             BodyPlace::kMessage);
  if (!number) return number.error();
  copy.number = *number;
  return copy;
}

Status deliver_into(Transaction& transaction, const Delivery& delivery, MessageRow& row) {
  for (const Recipient& recipient : delivery.recipients) {
    auto copy = deliver_copy(transaction, delivery, recipient);
    if (!copy) return copy.error();
    row.copies.push_back(std::move(*copy));
  }
  return {};
}

Status withdraw(Transaction& transaction, const MessageId& id, MessageRow& row) {
  row.recalled = transaction.now();
  row.body.clear();
  for (const MessageCopy& copy : row.copies) {
    if (copy.number == 0) continue;
    const bool lives = transaction.get(registration_key(copy.registration)) != nullptr;
    if (!lives) continue;
    auto number = append_withdrawal(transaction, inbox_feed(copy.registration), id, row);
    if (!number) return number.error();
  }
  if (row.home && row.home->number > 0) {
    auto number = append_withdrawal(transaction, row.home->feed, id, row);
    if (!number) return number.error();
  }
  store_message(transaction, id, row);
  return {};
}

}  // namespace

Result<std::string> why_not_addressed(Transaction& transaction, const RegId& registration,
                                      const AppId& app, const std::vector<PackageName>& packages) {
  auto row = read_row<RegistrationRow>(transaction, registration_key(registration));
  if (!row) return row.error();
  if (!*row || (*row)->registration.app != app) return std::string("registration_ended");
  const PackageName& package = (*row)->registration.package;
  if (packages.empty() || std::find(packages.begin(), packages.end(), package) != packages.end())
    return std::string();
  return std::string("other_package");
}

Result<SendReply> accept_for_inboxes(Transaction& transaction, const SendPlan& plan,
                                     const Resolved& resolved, const AcceptLimits& limits) {
  auto before = earlier(transaction, plan, limits);
  if (!before) return before.error();
  if (*before) return std::move(**before);
  if (resolved.recipients.empty()) return Error{ErrorCode::kNotFound, "no valid target"};

  Delivery delivery = delivery_of(transaction, plan);
  MessageRow row = message_of(transaction, plan);
  SendReply reply;
  reply.id = plan.id;
  reply.unknown = resolved.unknown;
  for (auto& [partition, recipients] : by_partition(transaction, resolved.recipients)) {
    reply.addressed += recipients.size();
    delivery.recipients = std::move(recipients);
    if (partition == transaction.partition()) {
      TRY(deliver_into(transaction, delivery, row));
      continue;
    }
    if (!transaction.lane_has_room(partition))
      return Error{ErrorCode::kUnavailable, "too much waits between partitions", kLaneRetry};
    transaction.send(partition, encode_lane(delivery));
    auto& remote = row.home->remote.emplace_back(partition, std::vector<RegId>());
    for (const Recipient& recipient : delivery.recipients)
      remote.second.push_back(recipient.registration);
  }
  store_message(transaction, plan.id, row);
  claim(transaction, plan, reply.addressed, limits);
  return reply;
}

Result<SendReply> accept_for_name(Transaction& transaction, const SendPlan& plan,
                                  const AcceptLimits& limits) {
  const SendRequest& request = plan.request;
  const std::string& name = request.names.front();
  const NameKind kind =
      request.target == TargetKind::kAlias ? NameKind::kAlias : NameKind::kUserAccount;
  auto holders = name_holders(transaction, {kind, request.app, name});
  if (!holders) return holders.error();
  Resolved resolved;
  for (RegId& holder : *holders) resolved.recipients.push_back({std::move(holder), name});
  return accept_for_inboxes(transaction, plan, resolved, limits);
}

Result<SendReply> accept_for_feed(Transaction& transaction, const SendPlan& plan,
                                  const AcceptLimits& limits) {
  auto before = earlier(transaction, plan, limits);
  if (!before) return before.error();
  if (*before) return std::move(**before);
  const SendRequest& request = plan.request;
  Entry entry;
  const FeedId feed = feed_of(request, entry.filter);
  if (feed_kind(feed) == FeedKind::kApp) {
    auto live = live_entries(transaction, feed);
    if (!live) return live.error();
    if (*live >= limits.app_feed_live_max)
      return Error{ErrorCode::kResourceExhausted, "too many live broadcasts of this app",
                   kLiveRetry};
  }
  MessageRow row = message_of(transaction, plan);
  entry.id = plan.id;
  entry.app = request.app;
  entry.accepted = row.accepted;
  entry.expires = row.expires;
  entry.priority = request.priority;
  entry.collapse_key = request.collapse_key;
  entry.via = request.target;
  if (feed_kind(feed) == FeedKind::kTopic) entry.via_name = request.names.front();
  entry.packages = request.packages;
  entry.body = request.body;
  auto number = append_entry(transaction, feed, std::move(entry), BodyPlace::kMessage);
  if (!number) return number.error();
  row.home->feed = feed;
  row.home->number = *number;
  store_message(transaction, plan.id, row);
  claim(transaction, plan, 0, limits);
  SendReply reply;
  reply.id = plan.id;
  return reply;
}

Result<SendReply> accept_for_later(Transaction& transaction, const SendPlan& plan,
                                   const AcceptLimits& limits) {
  auto before = earlier(transaction, plan, limits);
  if (!before) return before.error();
  if (*before) return std::move(**before);
  MessageRow row = message_of(transaction, plan);
  row.home->scheduled = plan.request.not_before;
  row.body.clear();  // the plan has it
  store_message(transaction, plan.id, row);
  transaction.put(schedule_key(*plan.request.not_before, plan.id), encode(plan));
  claim(transaction, plan, 0, limits);
  SendReply reply;
  reply.id = plan.id;
  return reply;
}

Status reject_scheduled(Transaction& transaction, const MessageId& id, Timestamp when,
                        const std::string& reason) {
  transaction.remove(schedule_key(when, id));
  auto row = read_row<MessageRow>(transaction, message_key(id));
  if (!row) return row.error();
  if (!*row || (*row)->recalled) return {};
  (*row)->copies.push_back({RegId(), 0, reason});
  store_message(transaction, id, **row);
  return {};
}

Status deliver(Transaction& transaction, const Delivery& delivery) {
  auto present = read_row<MessageRow>(transaction, message_key(delivery.id));
  if (!present) return present.error();
  MessageRow row = std::move(*present).value_or(MessageRow{});
  row.app = delivery.app;
  row.accepted = delivery.accepted;
  row.expires = delivery.expires;
  row.body = delivery.body;
  TRY(deliver_into(transaction, delivery, row));
  store_message(transaction, delivery.id, row);
  return {};
}

Status recall(Transaction& transaction, const AppId& app, const MessageId& id) {
  auto found = read_row<MessageRow>(transaction, message_key(id));
  if (!found) return found.error();
  if (!*found || !(*found)->home || (*found)->app != app)
    return Error{ErrorCode::kNotFound, "no such message"};
  MessageRow& row = **found;
  if (row.recalled) return {};
  if (row.home->scheduled) {
    transaction.remove(schedule_key(*row.home->scheduled, id));
  }
  for (const auto& [partition, registrations] : row.home->remote) {
    if (!transaction.lane_has_room(partition))
      return Error{ErrorCode::kUnavailable, "too much waits between partitions", kLaneRetry};
    transaction.send(partition, encode_lane(RecallNotice{id}));
  }
  return withdraw(transaction, id, row);
}

Status apply_recall(Transaction& transaction, const RecallNotice& notice) {
  auto found = read_row<MessageRow>(transaction, message_key(notice.id));
  if (!found) return found.error();
  // Same lane, so behind its message: where that is gone, it has expired.
  if (!*found || (*found)->recalled) return {};
  return withdraw(transaction, notice.id, **found);
}

}  // namespace longwire::middle
