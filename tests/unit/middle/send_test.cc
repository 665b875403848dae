// Targets, repeats, schedules, limits and trace.

#include "tests/unit/middle/middle_world.h"

namespace longwire::middle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class SendRules : public MiddleWorld {};

TEST_F(SendRules, A_list_of_registrations_reaches_each_once) {
  TestDevice one = new_device();
  TestDevice two = new_device();
  auto reply = send(request(
      TargetKind::kRegId,
      {one.registration.value(), two.registration.value(), one.registration.value()}, "hi"));
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->addressed, 2u);
  EXPECT_EQ(inbox_text(one), "1:hi");
  EXPECT_EQ(inbox_text(two), "1:hi");
}

TEST_F(SendRules, Unknown_names_are_reported_the_rest_is_accepted) {
  TestDevice device = new_device();
  auto reply = send(request(TargetKind::kRegId, {"nonsense", device.registration.value()}, "hi"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->unknown, std::vector<std::string>{"nonsense"});
}

TEST_F(SendRules, A_send_to_nobody_is_refused) {
  const TestDevice device = new_device();
  const std::string stranger = device.registration.value().substr(0, 23) + "x";
  for (const SendRequest& wrong :
       {request(TargetKind::kRegId, {stranger}, "x"), request(TargetKind::kRegId, {"junk"}, "x"),
        request(TargetKind::kAlias, {"nobody"}, "x"),
        request(TargetKind::kAlias, {"nobody", "none"}, "x")}) {
    auto reply = send(wrong);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, ErrorCode::kNotFound);
  }
}

TEST_F(SendRules, Another_app_cannot_send_to_a_registration) {
  TestDevice device = new_device();
  auto other = ask<CreatedApp>(&Service::create_app, std::string("other"), PackageName("org.x"));
  SendRequest foreign = request(TargetKind::kRegId, {device.registration.value()}, "x");
  foreign.app = other->app.id;
  EXPECT_FALSE(send(std::move(foreign)).ok());
}

TEST_F(SendRules, A_send_to_an_alias_goes_to_its_holder) {
  TestDevice device = new_device();
  ASSERT_TRUE(set_alias(device, "ann").ok());
  ASSERT_TRUE(send_to_alias("ann", "hi").ok());
  pass(seconds(1));
  const FeedPage page = inbox(device);
  EXPECT_EQ(text(page), "1:hi");
  EXPECT_EQ(page.entries[0]->via_name, "ann");
}

TEST_F(SendRules, A_list_of_aliases_is_one_message) {
  TestDevice one = new_device();
  TestDevice two = new_device();
  ASSERT_TRUE(set_alias(one, "ann").ok());
  ASSERT_TRUE(set_alias(two, "bob").ok());
  auto reply = send(request(TargetKind::kAlias, {"ann", "bob", "carl"}, "hi"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->unknown, std::vector<std::string>{"carl"});
  pass(seconds(1));
  EXPECT_EQ(inbox_text(one), "1:hi");
  EXPECT_EQ(inbox(one).entries[0]->id, inbox(two).entries[0]->id);
}

TEST_F(SendRules, A_send_to_an_account_reaches_all_its_registrations) {
  TestDevice one = new_device();
  TestDevice two = new_device();
  for (const TestDevice& device : {one, two})
    ASSERT_TRUE(ask<void>(&Service::set_user_account, change(device, "u1")).ok());
  auto reply = send(request(TargetKind::kUserAccount, {"u1"}, "hi"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->addressed, 2u);
  pass(seconds(1));
  EXPECT_EQ(inbox_text(one) + inbox_text(two), "1:hi1:hi");
}

TEST_F(SendRules, An_idempotency_key_is_claimed_with_the_send) {
  TestDevice device = new_device();
  SendRequest keyed = request(TargetKind::kRegId, {device.registration.value()}, "once");
  keyed.idempotency_key = "k1";
  const SendReply first = send(keyed).value();
  restart();
  const SendReply second = send(keyed).value();
  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(inbox_text(device), "1:once");
}

TEST_F(SendRules, An_idempotency_key_is_forgotten_after_its_window) {
  TestDevice device = new_device();
  SendRequest keyed = request(TargetKind::kRegId, {device.registration.value()}, "again");
  keyed.idempotency_key = "k1";
  ASSERT_TRUE(send(keyed).ok());
  pass(config.repeat_window + seconds(1));
  EXPECT_FALSE(send(keyed)->repeated);
}

TEST_F(SendRules, A_send_during_a_takeover_is_repeated_with_the_same_id) {
  TestDevice device = new_device();
  commit_as_other(partition_of(home_of(device.registration), 16), {});
  ASSERT_TRUE(send_to(device, "once").ok());
  EXPECT_EQ(inbox_text(device), "1:once");
}

TEST_F(SendRules, A_scheduled_send_waits_for_its_time_also_over_a_restart) {
  TestDevice device = new_device();
  SendRequest later = request(TargetKind::kRegId, {device.registration.value()}, "later");
  later.not_before = clock.now() + seconds(30);
  const SendReply reply = send(later).value();
  restart();
  pass(seconds(20));
  EXPECT_EQ(inbox_text(device), "");
  pass(seconds(11));
  EXPECT_EQ(inbox_text(device), "1:later");
  EXPECT_EQ(inbox(device).entries[0]->id, reply.id);
}

TEST_F(SendRules, A_scheduled_send_is_traced_with_its_time_and_the_end_that_follows_from_it) {
  TestDevice device = new_device();
  SendRequest later = request(TargetKind::kRegId, {device.registration.value()}, "later");
  later.time_to_live = minutes(1);
  later.not_before = clock.now() + hours(1);
  auto reply = send(later);
  ASSERT_TRUE(reply.ok());
  auto waiting = ask<TraceReply>(&Service::trace, reply->id);
  ASSERT_TRUE(waiting.ok());
  EXPECT_EQ(waiting->scheduled, later.not_before);
  EXPECT_EQ(waiting->expires.ms, later.not_before->ms + 60'000);
  pass(hours(1) + seconds(1));
  auto sent = ask<TraceReply>(&Service::trace, reply->id);
  ASSERT_TRUE(sent.ok());
  EXPECT_FALSE(sent->scheduled);
  EXPECT_EQ(sent->copies.size(), 1u);
}

TEST_F(SendRules, A_scheduled_send_can_be_recalled_before_its_time) {
  TestDevice device = new_device();
  SendRequest later = request(TargetKind::kRegId, {device.registration.value()}, "later");
  later.not_before = clock.now() + seconds(30);
  const MessageId id = send(later).value().id;
  ASSERT_TRUE(ask<void>(&Service::recall, RecallRequest{app().id, id}).ok());
  pass(seconds(40));
  EXPECT_EQ(inbox_text(device), "");
}

TEST_F(SendRules, Recall_takes_the_same_lanes_behind_its_message) {
  TestDevice device = new_device();
  ASSERT_TRUE(set_alias(device, "ann").ok());
  const MessageId id = send_to_alias("ann", "regret").value().id;
  ASSERT_TRUE(ask<void>(&Service::recall, RecallRequest{app().id, id}).ok());
  pass(seconds(1));
  const FeedPage page = inbox(device);
  ASSERT_EQ(page.entries.size(), 2u);
  EXPECT_TRUE(page.entries[0]->recalled);
  EXPECT_EQ(page.entries[1]->kind, EntryKind::kWithdrawal);
}

TEST_F(SendRules, Trace_names_the_end_of_every_copy) {
  TestDevice device = new_device();
  const FeedId feed = inbox_feed(device.registration);
  const MessageId waiting = send_to(device, "a").value().id;
  EXPECT_EQ(states(waiting), std::vector<std::string>{"waiting"});
  ASSERT_TRUE(acknowledge(device, feed, 1).ok());
  EXPECT_EQ(states(waiting), std::vector<std::string>{"delivered"});
  const MessageId recalled = send_to(device, "b").value().id;
  ASSERT_TRUE(ask<void>(&Service::recall, RecallRequest{app().id, recalled}).ok());
  EXPECT_EQ(states(recalled), std::vector<std::string>{"recalled"});
  const MessageId expired = send_to(device, "c").value().id;
  pass(config.time_to_live_default + minutes(1));
  EXPECT_EQ(states(expired), std::vector<std::string>{"expired"});
}

TEST_F(SendRules, Trace_says_collapsed) {
  TestDevice device = new_device();
  std::vector<MessageId> ids;
  for (const char* body : {"one", "two"}) {
    SendRequest keyed = request(TargetKind::kRegId, {device.registration.value()}, body);
    keyed.collapse_key = "score";
    ids.push_back(send(std::move(keyed)).value().id);
  }
  EXPECT_EQ(states(ids[0]), std::vector<std::string>{"collapsed"});
  EXPECT_EQ(states(ids[1]), std::vector<std::string>{"waiting"});
}

TEST_F(SendRules, Trace_of_a_topic_says_who_got_it) {
  TestDevice carrier = new_device();
  TestDevice later = new_device();
  ASSERT_TRUE(subscribe(carrier, "news").ok());
  const MessageId id = send_to_topic("news", "hi").value().id;
  ASSERT_TRUE(subscribe(later, "news").ok());
  pass(seconds(2));
  EXPECT_EQ(states(id), std::vector<std::string>{"waiting"});
  ASSERT_TRUE(acknowledge(carrier, topic_feed(app().id, Tag("news")), 1).ok());
  EXPECT_EQ(states(id), std::vector<std::string>{"delivered"});
}

// Carriers by the thousand, of which the directory alone knows.
TEST_F(SendRules, Trace_of_a_topic_counts_more_readers_than_it_lists) {
  const MessageId id = send_to_topic("news", "hi").value().id;
  std::vector<TopicChange> carriers;
  for (int i = 0; i < 1500; ++i) {
    const RegId registration(make_reg_id(DeviceId("d0000"), random));
    const FeedNumber since = i < 1200 ? 1 : 2;  // the last came after the send
    carriers.push_back({app().id, Tag("news"), registration, true, since, std::nullopt});
  }
  directory->apply_topic_changes(0, 1'000'000, std::move(carriers), [](Status) {});
  const TraceReply reply = ask<TraceReply>(&Service::trace, id).value();
  EXPECT_EQ(reply.resolved, 1200u);
  EXPECT_LE(reply.copies.size(), 1000u);
  EXPECT_TRUE(reply.copies_truncated);
}

TEST_F(SendRules, Trace_of_an_expression_says_filtered) {
  TestDevice both = new_device();
  TestDevice one = new_device();
  for (const char* tag : {"a", "b"}) ASSERT_TRUE(subscribe(both, tag).ok());
  ASSERT_TRUE(subscribe(one, "a").ok());
  SendRequest expression = request(TargetKind::kTopic, {"a", "b"}, "x");
  expression.topic_operator = TagOperator::kIntersection;
  const MessageId id = send(std::move(expression)).value().id;
  pass(seconds(2));
  auto names = states(id);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"filtered", "waiting"}));
}

TEST_F(SendRules, A_copy_for_a_registration_that_ended_is_rejected_for_a_reason) {
  TestDevice device = new_device();
  const MessageId id = send_to(device, "a").value().id;
  ASSERT_TRUE(ask<void>(&Service::unregister_app, device.id, device.registration).ok());
  EXPECT_EQ(states(id), std::vector<std::string>{"rejected"});
}

class LimitRules : public MiddleWorld {
 public:
  LimitRules() : MiddleWorld(small()) {}
  static MiddleConfig small() {
    MiddleConfig config;
    config.sends_per_second = 2;
    config.sends_per_day = 5;
    config.app_feed_live_max = 2;
    return config;
  }
};

TEST_F(LimitRules, An_app_that_sends_too_fast_is_told_when_to_retry) {
  TestDevice device = new_device();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(send_to(device, "x").ok());
  auto refused = send_to(device, "x");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  pass(refused.error().retry_after);
  EXPECT_TRUE(send_to(device, "x").ok());
}

TEST_F(LimitRules, A_daily_quota_is_kept_over_a_restart) {
  TestDevice device = new_device();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(send_to(device, "x").ok());
    pass(seconds(15));
  }
  restart();
  auto refused = send_to(device, "x");
  ASSERT_FALSE(refused.ok());
  EXPECT_GT(refused.error().retry_after, minutes(1));
  pass(hours(24));
  EXPECT_TRUE(send_to(device, "x").ok());
}

TEST_F(LimitRules, What_was_refused_or_a_repeat_counts_for_no_quota) {
  TestDevice device = new_device();
  SendRequest keyed = request(TargetKind::kRegId, {device.registration.value()}, "x");
  keyed.idempotency_key = "k1";
  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(send_to_alias("nobody", "x").ok());
    EXPECT_TRUE(send(keyed).ok());
    pass(seconds(15));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(send_to(device, "x").ok());
    pass(seconds(15));
  }
  EXPECT_FALSE(send_to(device, "x").ok());
}

TEST_F(LimitRules, Live_entries_of_an_app_feed_are_limited) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(send(request(TargetKind::kAll, {}, "x")).ok());
    pass(seconds(1));
  }
  auto refused = send(request(TargetKind::kAll, {}, "x"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  // Entries are trimmed up to a 64th of their time to live later than they expire.
  pass(config.time_to_live_default + config.time_to_live_default / 64);
  EXPECT_TRUE(send(request(TargetKind::kAll, {}, "x")).ok());
}

}  // namespace
}  // namespace longwire::middle
