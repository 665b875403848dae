// The rules of feeds (design section 3).

#include "tests/unit/middle/middle_world.h"

namespace longwire::middle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class FeedRules : public MiddleWorld {};

TEST_F(FeedRules, Send_to_a_registration_is_read_from_its_inbox) {
  TestDevice device = new_device();
  auto reply = send_to(device, "hello");
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->addressed, 1u);
  EXPECT_EQ(inbox_text(device), "1:hello");
}

TEST_F(FeedRules, Numbers_rise_by_one_in_the_order_of_acceptance) {
  TestDevice device = new_device();
  for (const char* body : {"a", "b", "c"}) ASSERT_TRUE(send_to(device, body).ok());
  EXPECT_EQ(inbox_text(device), "1:a 2:b 3:c");
}

TEST_F(FeedRules, Numbers_never_come_back_after_all_entries_expired_and_a_restart) {
  TestDevice device = new_device();
  ASSERT_TRUE(send_to(device, "old").ok());
  pass(config.time_to_live_default + hours(1));
  restart();
  ASSERT_TRUE(send_to(device, "new").ok());
  EXPECT_EQ(inbox_text(device), "2:new");
  EXPECT_EQ(inbox(device).oldest, 2u);
}

TEST_F(FeedRules, What_was_answered_survives_a_crash) {
  TestDevice device = new_device();
  ASSERT_TRUE(send_to(device, "kept").ok());
  restart();
  EXPECT_EQ(inbox_text(device), "1:kept");
}

TEST_F(FeedRules, Acknowledged_entries_are_not_deleted_the_cursor_moves) {
  TestDevice device = new_device();
  ASSERT_TRUE(send_to(device, "a").ok());
  ASSERT_TRUE(acknowledge(device, inbox_feed(device.registration), 1).ok());
  EXPECT_EQ(inbox_cursor(device), 1u);
  EXPECT_EQ(inbox_text(device), "1:a");
}

TEST_F(FeedRules, A_cursor_only_rises) {
  TestDevice device = new_device();
  for (const char* body : {"a", "b"}) ASSERT_TRUE(send_to(device, body).ok());
  ASSERT_TRUE(acknowledge(device, inbox_feed(device.registration), 2).ok());
  ASSERT_TRUE(acknowledge(device, inbox_feed(device.registration), 1).ok());
  EXPECT_EQ(inbox_cursor(device), 2u);
}

TEST_F(FeedRules, A_cursor_does_not_rise_above_the_inbox_tail) {
  TestDevice device = new_device();
  ASSERT_TRUE(send_to(device, "a").ok());
  ASSERT_TRUE(acknowledge(device, inbox_feed(device.registration), 5).ok());
  EXPECT_EQ(inbox_cursor(device), 0u);
}

TEST_F(FeedRules, A_cursor_does_not_rise_above_a_shared_tail) {
  TestDevice device = new_device();
  ASSERT_TRUE(send(request(TargetKind::kAll, {}, "all")).ok());
  ASSERT_TRUE(acknowledge(device, app_feed(app().id), 9).ok());
  EXPECT_EQ(cursor(device, app_feed(app().id)), 0u);
  ASSERT_TRUE(acknowledge(device, app_feed(app().id), 1).ok());
  EXPECT_EQ(cursor(device, app_feed(app().id)), 1u);
}

TEST_F(FeedRules, Another_device_cannot_acknowledge) {
  TestDevice owner = new_device();
  TestDevice thief = new_device();
  ASSERT_TRUE(send_to(owner, "a").ok());
  thief.registration = owner.registration;
  ASSERT_TRUE(acknowledge(thief, inbox_feed(owner.registration), 1).ok());
  EXPECT_EQ(inbox_cursor(owner), 0u);
}

TEST_F(FeedRules, Expired_entries_come_without_body_and_later_not_at_all) {
  TestDevice device = new_device();
  SendRequest soon = request(TargetKind::kRegId, {device.registration.value()}, "soon gone");
  soon.time_to_live = seconds(10);
  ASSERT_TRUE(send_to(device, "first").ok());
  ASSERT_TRUE(send(std::move(soon)).ok());
  ASSERT_TRUE(send_to(device, "last").ok());
  pass(seconds(11));
  EXPECT_EQ(inbox_text(device), "1:first 2: 3:last");
}

// It is written with every append.
TEST_F(FeedRules, A_feed_row_stays_short_however_many_entries_come) {
  TestDevice device = new_device();
  const FeedId feed = inbox_feed(device.registration);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(send_to(device, "x").ok());
    pass(milliseconds(10));
  }
  const PartitionId home = partition_of(home_of(feed), inner->info().partitions);
  std::optional<Bytes> row;
  inner->get(home, {feed_key(feed)}, [&](auto values) { row = values.value().front(); });
  executor.run_until_idle();
  ASSERT_TRUE(row.has_value());
  EXPECT_LT(row->size(), 40u);
}

TEST_F(FeedRules, A_time_to_live_above_the_maximum_is_clamped) {
  TestDevice device = new_device();
  SendRequest forever = request(TargetKind::kRegId, {device.registration.value()}, "x");
  forever.time_to_live = hours(24 * 365);
  ASSERT_TRUE(send(std::move(forever)).ok());
  const EntryPtr entry = inbox(device).entries.front();
  EXPECT_EQ(entry->expires - entry->accepted, config.time_to_live_max);
}

TEST_F(FeedRules, A_newer_entry_with_the_same_key_hides_the_older) {
  TestDevice device = new_device();
  for (const char* body : {"one", "two"}) {
    SendRequest keyed = request(TargetKind::kRegId, {device.registration.value()}, body);
    keyed.collapse_key = "score";
    ASSERT_TRUE(send(std::move(keyed)).ok());
  }
  EXPECT_EQ(inbox_text(device), "1: 2:two");
}

TEST_F(FeedRules, Recall_marks_the_body_and_appends_a_withdrawal) {
  TestDevice device = new_device();
  const MessageId id = send_to(device, "regret").value().id;
  ASSERT_TRUE(ask<void>(&Service::recall, RecallRequest{app().id, id}).ok());
  const FeedPage page = inbox(device);
  ASSERT_EQ(page.entries.size(), 2u);
  EXPECT_TRUE(page.entries[0]->recalled);
  EXPECT_EQ(page.entries[0]->body, "");
  EXPECT_EQ(page.entries[1]->kind, EntryKind::kWithdrawal);
  EXPECT_EQ(page.entries[1]->id, id);
}

TEST_F(FeedRules, Another_app_cannot_recall) {
  TestDevice device = new_device();
  const MessageId id = send_to(device, "mine").value().id;
  const Status status = ask<void>(&Service::recall, RecallRequest{AppId("1"), id});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(inbox_text(device), "1:mine");
}

TEST_F(FeedRules, A_broadcast_is_one_append_whatever_the_number_of_devices) {
  for (int i = 0; i < 20; ++i) new_device();
  const std::uint64_t before = store.commits;
  ASSERT_TRUE(send(request(TargetKind::kAll, {}, "all")).ok());
  EXPECT_EQ(store.commits, before + 1);
}

TEST_F(FeedRules, A_late_subscription_starts_at_the_end) {
  TestDevice device = new_device();
  ASSERT_TRUE(send_to_topic("news", "before").ok());
  const RegistrationView carried = subscribe(device, "news").value();
  EXPECT_EQ(carried.feeds.back().feed, topic_feed(app().id, Tag("news")));
  EXPECT_EQ(carried.feeds.back().since, 2u);
}

TEST_F(FeedRules, A_tag_is_carried_for_an_interval_in_numbers_of_both_feeds) {
  TestDevice device = new_device();
  ASSERT_TRUE(send(request(TargetKind::kAll, {}, "app 1")).ok());
  ASSERT_TRUE(subscribe(device, "news").ok());
  ASSERT_TRUE(send_to_topic("news", "topic 1").ok());
  const RegistrationView ended = unsubscribe(device, "news").value();
  const TagInterval& interval = ended.registration.tags.at(0);
  EXPECT_EQ(interval.topic_since, 1u);
  EXPECT_EQ(interval.topic_until, 2u);
  EXPECT_EQ(interval.app_since, 2u);
  EXPECT_EQ(interval.app_until, 2u);
}

TEST_F(FeedRules, Ended_intervals_are_few_per_tag_then_try_later_then_forgotten) {
  TestDevice device = new_device();
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(subscribe(device, "news").ok());
    ASSERT_TRUE(unsubscribe(device, "news").ok());
  }
  auto refused = subscribe(device, "news");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_GT(refused.error().retry_after, milliseconds(0));
  login(device);
  pass(config.time_to_live_max + hours(1));
  EXPECT_TRUE(subscribe(device, "news").ok());
}

TEST_F(FeedRules, Repeated_tag_commands_answer_without_a_commit) {
  TestDevice device = new_device();
  ASSERT_TRUE(subscribe(device, "news").ok());
  const std::uint64_t before = store.commits;
  ASSERT_TRUE(subscribe(device, "news").ok());
  EXPECT_EQ(store.commits, before);
}

TEST_F(FeedRules, An_expression_over_several_tags_is_one_entry_of_the_app_feed) {
  SendRequest both = request(TargetKind::kTopic, {"a", "b"}, "both");
  both.topic_operator = TagOperator::kIntersection;
  ASSERT_TRUE(send(std::move(both)).ok());
  const FeedPage page = read(app_feed(app().id)).value();
  ASSERT_EQ(page.entries.size(), 1u);
  ASSERT_TRUE(page.entries[0]->filter.has_value());
  EXPECT_EQ(page.entries[0]->filter->tags.size(), 2u);
}

TEST_F(FeedRules, An_expression_that_comes_down_to_one_tag_goes_into_its_feed) {
  ASSERT_TRUE(send(request(TargetKind::kTopic, {"a", "a"}, "once")).ok());
  EXPECT_EQ(text(read(topic_feed(app().id, Tag("a"))).value()), "1:once");
}

TEST_F(FeedRules, A_stored_cursor_above_the_tail_gives_the_inbox_a_new_incarnation) {
  TestDevice device = new_device();
  const FeedId feed = inbox_feed(device.registration);
  for (const char* body : {"a", "b"}) ASSERT_TRUE(send_to(device, body).ok());
  ASSERT_TRUE(acknowledge(device, feed, 2).ok());
  go_back(feed, 1);
  restart();
  const OpenedSession opened = login(device);
  EXPECT_EQ(opened.registrations.at(0).feeds.at(0).cursor, 0u);
  EXPECT_NE(read(feed)->incarnation, opened.incarnation);
}

TEST_F(FeedRules, A_stored_cursor_above_a_shared_tail_gives_that_feed_a_new_incarnation) {
  TestDevice device = new_device();
  const FeedId feed = app_feed(app().id);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(send(request(TargetKind::kAll, {}, "x")).ok());
  ASSERT_TRUE(acknowledge(device, feed, 2).ok());
  go_back(feed, 1);
  restart();
  const OpenedSession opened = login(device);
  EXPECT_EQ(opened.registrations.at(0).feeds.at(1).cursor, 0u);
  EXPECT_NE(read(feed)->incarnation, opened.incarnation);
  ASSERT_TRUE(acknowledge(device, feed, 1).ok());
  EXPECT_EQ(cursor(device, feed), 1u);
}

}  // namespace
}  // namespace longwire::middle
