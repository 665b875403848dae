#include "middle/target/plan.h"

#include <gtest/gtest.h>

#include "tests/unit/middle/fixed_random.h"

namespace longwire::middle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr Timestamp kNow{1'767'225'600'000};
const std::string kReg1234 = "1234____________________";
const std::string kRegAbcd = "abcd____________________";

SendRequest request(TargetKind target, std::vector<std::string> names) {
  SendRequest made;
  made.app = AppId("1000");
  made.target = target;
  made.names = std::move(names);
  made.body = "hi";
  return made;
}

Result<SendPlan> plan(SendRequest from) {
  FixedRandom random;
  return make_plan(std::move(from), kNow, random, hours(2), hours(10));
}

milliseconds effective(milliseconds time_to_live) {
  SendRequest made = request(TargetKind::kAll, {});
  made.time_to_live = time_to_live;
  return plan(std::move(made))->request.time_to_live;
}

TEST(SendPlan, Time_to_live_has_a_default_and_a_maximum) {
  EXPECT_EQ(effective(milliseconds(0)), hours(2));
  EXPECT_EQ(effective(milliseconds(-1)), hours(2));
  EXPECT_EQ(effective(minutes(5)), minutes(5));
  EXPECT_EQ(effective(hours(11)), hours(10));
}

TEST(SendPlan, A_time_that_has_come_is_no_schedule) {
  SendRequest made = request(TargetKind::kAll, {});
  made.not_before = kNow;
  EXPECT_EQ(plan(made)->request.not_before, std::nullopt);
  made.not_before = kNow + milliseconds(1);
  EXPECT_EQ(plan(made)->request.not_before, kNow + milliseconds(1));
}

TEST(SendPlan, The_id_carries_time_and_home) {
  const SendPlan made = plan(request(TargetKind::kRegId, {kReg1234})).value();
  EXPECT_EQ(made.id.home(), 0x1234);
  EXPECT_EQ(made.id.time(), kNow);
}

TEST(SendPlan, What_is_too_much_is_refused) {
  SendRequest long_body = request(TargetKind::kAll, {});
  long_body.body.assign(kBodyBytesMax + 1, 'x');
  SendRequest long_key = request(TargetKind::kAll, {});
  long_key.idempotency_key.assign(kIdempotencyKeyMax + 1, 'x');
  const std::vector<std::string> names(kSendNamesMax + 1, kReg1234);
  const std::vector<std::string> tags(kSendTagsMax + 1, "news");
  for (const SendRequest& wrong :
       {long_body, long_key, request(TargetKind::kRegId, names), request(TargetKind::kTopic, tags),
        request(TargetKind::kAlias, {}), request(TargetKind::kAlias, {"ann", ""})}) {
    auto refused = plan(wrong);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

// A repeat must find the claim of its key, also where it names the same in another order.
TEST(SendPlan, The_home_is_that_of_the_lowest_well_formed_target) {
  EXPECT_EQ(home_of(request(TargetKind::kRegId, {"junk", kRegAbcd, kReg1234})).value(), 0x1234);
  EXPECT_EQ(home_of(request(TargetKind::kRegId, {kReg1234, kRegAbcd})).value(), 0x1234);
  for (const auto& names : {std::vector<std::string>{"ann", "bob"}, {"bob", "ann"}}) {
    EXPECT_EQ(home_of(request(TargetKind::kAlias, names)).value(),
              home_of_alias(AppId("1000"), Alias("ann")));
  }
  EXPECT_EQ(home_of(request(TargetKind::kUserAccount, {"ann"})).value(),
            home_of_account(AppId("1000"), UserAccount("ann")));
  EXPECT_EQ(home_of(request(TargetKind::kTopic, {"news"})).value(),
            home_of(topic_feed(AppId("1000"), Tag("news"))));
  EXPECT_EQ(home_of(request(TargetKind::kAll, {})).value(), home_of(app_feed(AppId("1000"))));
}

TEST(SendPlan, Without_a_well_formed_registration_it_has_no_home) {
  EXPECT_EQ(home_of(request(TargetKind::kRegId, {"junk"})).error().code, ErrorCode::kNotFound);
}

TEST(SendPlan, One_tag_goes_into_its_own_feed) {
  std::optional<TagExpression> filter;
  EXPECT_EQ(feed_of(request(TargetKind::kTopic, {"news", "news"}), filter),
            topic_feed(AppId("1000"), Tag("news")));
  EXPECT_FALSE(filter);
}

TEST(SendPlan, An_expression_over_several_tags_goes_into_the_feed_of_the_app) {
  SendRequest made = request(TargetKind::kTopic, {"news", "sport", "news"});
  made.topic_operator = TagOperator::kExcept;
  std::optional<TagExpression> filter;
  EXPECT_EQ(feed_of(made, filter), app_feed(AppId("1000")));
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->op, TagOperator::kExcept);
  EXPECT_EQ(filter->tags, (std::vector<Tag>{Tag("news"), Tag("sport")}));
}

TEST(SendPlan, Is_read_back_as_written) {
  SendRequest made = request(TargetKind::kTopic, {"news", "sport"});
  made.packages = {PackageName("org.shop")};
  made.topic_operator = TagOperator::kIntersection;
  made.time_to_live = minutes(5);
  made.priority = Priority::kLow;
  made.collapse_key = "score";
  made.idempotency_key = "once";
  made.not_before = kNow + hours(1);
  const SendPlan written = plan(made).value();
  SendPlan read;
  ASSERT_TRUE(decode(encode(written), read).ok());
  EXPECT_EQ(read.id, written.id);
  EXPECT_EQ(read.request.app, made.app);
  EXPECT_EQ(read.request.packages, made.packages);
  EXPECT_EQ(read.request.target, made.target);
  EXPECT_EQ(read.request.names, made.names);
  EXPECT_EQ(read.request.topic_operator, made.topic_operator);
  EXPECT_EQ(read.request.body, made.body);
  EXPECT_EQ(read.request.time_to_live, made.time_to_live);
  EXPECT_EQ(read.request.priority, made.priority);
  EXPECT_EQ(read.request.collapse_key, made.collapse_key);
  EXPECT_EQ(read.request.idempotency_key, made.idempotency_key);
  EXPECT_EQ(read.request.not_before, made.not_before);
}

TEST(SendPlan, Damaged_or_newer_is_refused) {
  Bytes bytes = encode(plan(request(TargetKind::kAll, {})).value());
  SendPlan read;
  EXPECT_EQ(decode(bytes.substr(0, bytes.size() - 1), read).error().code, ErrorCode::kCorrupt);
  bytes[0] = 2;
  EXPECT_EQ(decode(bytes, read).error().code, ErrorCode::kUnsupported);
}

TEST(ScheduleKey, Sorts_by_time) {
  const MessageId id = plan(request(TargetKind::kAll, {}))->id;
  EXPECT_LT(schedule_key(kNow, id), schedule_key(kNow + milliseconds(1), id));
  EXPECT_EQ(schedule_key(kNow, id).size(), 1u + 8u + 12u);
}

TEST(ClaimKey, Tells_apps_and_keys_apart) {
  EXPECT_NE(claim_key(AppId("1"), "23"), claim_key(AppId("12"), "3"));
}

}  // namespace
}  // namespace longwire::middle
