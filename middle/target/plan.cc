// "s" when_ms:u64 id:12 -> plan;  "i" app key -> claim (accept.cc)
//   plan := 1:u8 id:12 app:string packages target:u8 names operator:u8 body:string ttl_ms:varint
//           priority:u8 collapse:string idempotency:string not_before:time

#include "middle/target/plan.h"

#include <algorithm>
#include <utility>

#include "middle/feed/feed_rows.h"
#include "middle/partition/rows.h"
#include "middle/registry/names.h"

namespace longwire::middle {
namespace {

constexpr std::uint8_t kVersion = 1;

Error wrong(const char* what) { return {ErrorCode::kInvalidArgument, what}; }

Status check_names(const SendRequest& request) {
  const auto& names = request.names;
  if (request.target == TargetKind::kAll) return {};
  if (names.empty()) return wrong("no target named");
  if (names.size() > kSendNamesMax) return wrong("too many targets named");
  if (request.target == TargetKind::kTopic && names.size() > kSendTagsMax)
    return wrong("too many topics named");
  if (std::any_of(names.begin(), names.end(), [](const std::string& n) { return n.empty(); }))
    return wrong("empty target name");
  return {};
}

Status check(const SendRequest& request) {
  TRY(check_names(request));
  if (request.body.size() > kBodyBytesMax) return wrong("the message is too long");
  if (request.idempotency_key.size() > kIdempotencyKeyMax)
    return wrong("the idempotency key is too long");
  return {};
}

std::vector<Tag> distinct_tags(const std::vector<std::string>& names) {
  std::vector<Tag> tags;
  for (const std::string& name : names) {
    if (std::find(tags.begin(), tags.end(), Tag(name)) == tags.end()) tags.push_back(Tag(name));
  }
  return tags;
}

}  // namespace

Result<std::uint16_t> home_of(const SendRequest& request) {
  std::optional<TagExpression> filter;
  const auto first_name = [&] {
    return *std::min_element(request.names.begin(), request.names.end());
  };
  switch (request.target) {
    case TargetKind::kRegId: {
      std::optional<RegId> first;
      for (const std::string& name : request.names) {
        auto registration = parse_reg_id(name);
        if (registration && (!first || *registration < *first)) first = std::move(*registration);
      }
      if (first) return home_of(*first);
      return Error{ErrorCode::kNotFound, "no valid target"};
    }
    case TargetKind::kAlias:
      return home_of_alias(request.app, Alias(first_name()));
    case TargetKind::kUserAccount:
      return home_of_account(request.app, UserAccount(first_name()));
    case TargetKind::kTopic:
    case TargetKind::kAll:
      return home_of(feed_of(request, filter));
  }
  return wrong("unknown kind of target");
}

FeedId feed_of(const SendRequest& request, std::optional<TagExpression>& filter) {
  if (request.target == TargetKind::kAll) return app_feed(request.app);
  std::vector<Tag> tags = distinct_tags(request.names);
  if (tags.size() == 1) return topic_feed(request.app, tags.front());
  filter = TagExpression{request.topic_operator, std::move(tags)};
  return app_feed(request.app);
}

Result<SendPlan> make_plan(SendRequest request, Timestamp now, Random& random,
                           std::chrono::milliseconds ttl_default,
                           std::chrono::milliseconds ttl_max) {
  TRY(check(request));
  if (request.time_to_live.count() <= 0) request.time_to_live = ttl_default;
  request.time_to_live = std::min(request.time_to_live, ttl_max);
  if (request.not_before && *request.not_before <= now) request.not_before.reset();
  auto home = home_of(request);
  if (!home) return home.error();
  SendPlan plan;
  if (request.id && request.id->home() != *home) return wrong("a message id of another home");
  plan.id = request.id ? *request.id : make_message_id(now, *home, random);
  plan.may_repeat = request.repeated && request.id.has_value();
  plan.request = std::move(request);
  return plan;
}

Bytes schedule_key(Timestamp when, const MessageId& id) {
  ByteWriter writer;
  writer.u8('s').u64(static_cast<std::uint64_t>(when.ms)).raw(id.view());
  return std::move(writer).take();
}

Bytes claim_key(const AppId& app, std::string_view idempotency_key) {
  ByteWriter writer;
  writer.u8('i').string(app.value()).raw(idempotency_key);
  return std::move(writer).take();
}

Bytes encode(const SendPlan& plan) {
  const SendRequest& request = plan.request;
  ByteWriter writer;
  writer.u8(kVersion);
  write_message_id(writer, plan.id);
  writer.string(request.app.value());
  write_packages(writer, request.packages);
  writer.u8(static_cast<std::uint8_t>(request.target));
  write_names(writer, request.names);
  writer.u8(static_cast<std::uint8_t>(request.topic_operator)).string(request.body);
  writer.varint(static_cast<std::uint64_t>(request.time_to_live.count()));
  writer.u8(static_cast<std::uint8_t>(request.priority)).string(request.collapse_key);
  writer.string(request.idempotency_key);
  write_time(writer, request.not_before);
  return std::move(writer).take();
}

Status decode(BytesView bytes, SendPlan& plan) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  SendRequest& request = plan.request;
  plan.id = read_message_id(reader);
  request.app = AppId(std::string(reader.string()));
  request.packages = read_packages(reader);
  request.target = static_cast<TargetKind>(reader.u8());
  request.names = read_names(reader);
  request.topic_operator = static_cast<TagOperator>(reader.u8());
  request.body = Bytes(reader.string());
  request.time_to_live = std::chrono::milliseconds(reader.varint());
  request.priority = static_cast<Priority>(reader.u8());
  request.collapse_key = std::string(reader.string());
  request.idempotency_key = std::string(reader.string());
  request.not_before = read_time(reader);
  return reader.finish();
}

}  // namespace longwire::middle
