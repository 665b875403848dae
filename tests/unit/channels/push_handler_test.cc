// What of a feed is pushed, what is stepped over, and what becomes of cursors.

#include "channels/push/push_handler.h"

#include "tests/unit/channels/push_fixture.h"

namespace longwire::channels {
namespace {

class PushEntries : public PushFixture {};

TEST_F(PushEntries, nothing_is_followed_before_positions_came) {
  open();
  executor.advance(std::chrono::minutes(10));
  EXPECT_TRUE(hub.live.empty());
  positions({{kInbox, 2}}, kStorage, true);
  EXPECT_TRUE(hub.live.empty());
  positions({});
  EXPECT_EQ(hub.live.size(), 3u);
}

TEST_F(PushEntries, each_feed_is_followed_after_its_cursor) {
  open_and_follow();
  EXPECT_EQ(hub.of(kInbox)->after, 0u);
  EXPECT_EQ(hub.of(kApp)->after, 9u);
  EXPECT_EQ(hub.of(kNews)->after, 4u);
}

TEST_F(PushEntries, an_entry_arrives_sealed_and_opens) {
  open_and_follow();
  auto sent = entry(1, "hello");
  sent->via = middle::TargetKind::kAlias;
  sent->via_name = "bob";
  sent->collapse_key = "k";
  give(kInbox, {sent});
  const auto seen = frames();
  ASSERT_EQ(seen.size(), 1u);
  const wire::Push& push = seen[0].push;
  EXPECT_EQ(push.reg_id, kReg);
  EXPECT_EQ(push.number, 1);
  EXPECT_EQ(push.message_id, Bytes(12, '\1'));
  EXPECT_EQ(push.accepted_ms, sent->accepted.ms);
  EXPECT_EQ(push.expires_ms, sent->expires.ms);
  EXPECT_EQ(push.via, wire::Via::ALIAS);
  EXPECT_EQ(push.via_name, "bob");
  EXPECT_EQ(push.collapse_key, "k");
  EXPECT_EQ(opened_title(push), "hello");
}

TEST_F(PushEntries, the_other_cipher_serves_as_well) {
  config.cipher = "chacha20-poly1305";
  open_and_follow();
  give(kNews, {entry(5, "hello")});
  ASSERT_EQ(frames().size(), 1u);
  EXPECT_EQ(frames()[0].push.cipher, wire::Cipher::CHACHA20_POLY1305);
  EXPECT_EQ(opened_title(frames()[0].push), "hello");
}

TEST_F(PushEntries, gone_entries_are_stepped_over) {
  open_and_follow();
  auto expired = entry(1);
  expired->expires = clock.now();
  auto recalled = entry(2);
  recalled->recalled = true;
  auto collapsed = entry(3);
  collapsed->body.clear();
  give(kInbox, {expired, recalled, collapsed, entry(4)});
  EXPECT_EQ(pushed(kInbox), Numbers({4}));
  EXPECT_EQ(counted("longwire_push_entries_stepped_total"), 3u);
}

TEST_F(PushEntries, of_one_collapse_key_only_the_latest_comes) {
  open_and_follow();
  std::vector<middle::EntryPtr> entries;
  for (middle::FeedNumber number = 1; number <= 3; ++number) {
    auto made = entry(number);
    made->collapse_key = number == 2 ? "other" : "same";
    entries.push_back(made);
  }
  give(kInbox, entries);
  EXPECT_EQ(pushed(kInbox), Numbers({2, 3}));
}

TEST_F(PushEntries, what_lies_outside_the_interval_is_stepped_over) {
  auto limited = view();
  limited.feeds[2].since = 6;
  limited.feeds[2].until = 8;
  session.session.registrations = {limited};
  open_and_follow();
  EXPECT_EQ(hub.of(kNews)->after, 5u);
  give(kNews, {entry(6), entry(7), entry(8)});
  EXPECT_EQ(pushed(kNews), Numbers({6, 7}));
  EXPECT_EQ(hub.of(kNews), nullptr);
}

TEST_F(PushEntries, an_expression_is_decided_by_the_tags_at_the_number) {
  open_and_follow();
  auto addressed = [&](middle::FeedNumber number, middle::TagOperator op,
                       std::vector<middle::Tag> tags) {
    auto made = entry(number);
    made->filter = middle::TagExpression{op, std::move(tags)};
    return made;
  };
  const middle::Tag news("news"), other("other");
  using middle::TagOperator;
  give(kApp, {addressed(10, TagOperator::kUnion, {other, news}),
              addressed(11, TagOperator::kIntersection, {other, news}),
              addressed(12, TagOperator::kExcept, {news, other}),
              addressed(13, TagOperator::kExcept, {other, news}), entry(14)});
  EXPECT_EQ(pushed(kApp), Numbers({10, 12, 14}));
}

TEST_F(PushEntries, a_tag_counts_only_within_its_interval) {
  auto ended = view();
  ended.registration.tags[0].app_since = 11;
  ended.registration.tags[0].app_until = 12;
  session.session.registrations = {ended};
  open_and_follow();
  std::vector<middle::EntryPtr> entries;
  for (middle::FeedNumber number = 10; number <= 12; ++number) {
    auto made = entry(number);
    made->filter = middle::TagExpression{middle::TagOperator::kUnion, {middle::Tag("news")}};
    entries.push_back(made);
  }
  give(kApp, entries);
  EXPECT_EQ(pushed(kApp), Numbers({11}));
}

TEST_F(PushEntries, another_package_does_not_get_it) {
  open_and_follow();
  auto other = entry(10);
  other->packages = {middle::PackageName("com.other")};
  auto both = entry(11);
  both->packages = {middle::PackageName("com.other"), middle::PackageName("com.example")};
  give(kApp, {other, both});
  EXPECT_EQ(pushed(kApp), Numbers({11}));
}

TEST_F(PushEntries, withdrawals_and_controls_are_frames_of_their_own) {
  open_and_follow();
  auto withdrawal = entry(1);
  withdrawal->kind = middle::EntryKind::kWithdrawal;
  withdrawal->body.clear();
  auto control = entry(2);
  control->kind = middle::EntryKind::kControl;
  control->body = "of a newer middle";
  give(kInbox, {withdrawal, control});
  ASSERT_EQ(frames().size(), 2u);
  EXPECT_EQ(frames()[0].withdrawal.number, 1);
  EXPECT_EQ(frames()[0].withdrawal.message_id, Bytes(12, '\1'));
  EXPECT_EQ(frames()[1].control.kind, wire::ControlKind::NAMES_CHANGED);
  acknowledge(kInbox, 2);
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=2"}));
}

// ---- cursors

TEST_F(PushEntries, an_acknowledgement_reaches_the_middle_within_the_interval) {
  open_and_follow();
  give(kInbox, {entry(1), entry(2), entry(3)});
  acknowledge(kInbox, 1);
  acknowledge(kInbox, 2);
  executor.advance(std::chrono::milliseconds(999));
  EXPECT_TRUE(service.moves.empty());
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=2"}));
  EXPECT_EQ(service.moves[0].session, 3u);
  EXPECT_EQ(service.moves[0].account.value(), "d0001");
  EXPECT_FALSE(executor.has_timer());
}

TEST_F(PushEntries, steps_are_stored_with_the_next_acknowledgement) {
  open_and_follow();
  auto expired = entry(2);
  expired->expires = clock.now();
  give(kInbox, {entry(1), expired});
  EXPECT_EQ(moves(), Lines({}));
  acknowledge(kInbox, 1);
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=2"}));
}

TEST_F(PushEntries, steps_alone_are_stored_at_the_end_of_the_session) {
  open_and_follow();
  auto expired = entry(1);
  expired->expires = clock.now();
  give(kInbox, {expired});
  EXPECT_EQ(moves(), Lines({}));
  EXPECT_EQ(text(handler->take_moves()), Lines({std::string(kInbox) + "=1"}));
  EXPECT_EQ(text(handler->take_moves()), Lines({}));
}

TEST_F(PushEntries, steps_behind_an_unacknowledged_push_are_not_stored) {
  open_and_follow();
  auto expired = entry(2);
  expired->expires = clock.now();
  give(kInbox, {entry(1), expired});
  EXPECT_EQ(text(handler->take_moves()), Lines({}));
}

TEST_F(PushEntries, an_acknowledgement_above_what_was_pushed_is_refused) {
  open_and_follow();
  give(kInbox, {entry(1)});
  session.frames.clear();
  acknowledge(kInbox, 2);
  ASSERT_EQ(frames().size(), 1u);
  EXPECT_EQ(frames()[0].failure.code, "invalid_argument");
  EXPECT_EQ(counted("longwire_push_acknowledgements_refused_total"), 1u);
  EXPECT_EQ(moves(), Lines({}));
}

TEST_F(PushEntries, a_negative_acknowledgement_moves_nothing) {
  open_and_follow();
  give(kInbox, {entry(1)});
  acknowledge(kInbox, -1);
  EXPECT_EQ(moves(), Lines({}));
}

TEST_F(PushEntries, moves_not_taken_by_the_middle_are_offered_again) {
  open_and_follow();
  give(kInbox, {entry(1)});
  acknowledge(kInbox, 1);
  service.status = Error{ErrorCode::kUnavailable, "not now"};
  EXPECT_EQ(moves(), Lines({}));
  service.status = {};
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=1"}));
}

TEST_F(PushEntries, moves_of_many_sessions_go_in_one_call) {
  open();
  std::vector<std::unique_ptr<ChannelHandler>> handlers;
  for (int i = 0; i < 10; ++i) {
    handler = channel->open(session, session.session.registrations);
    positions({});
    handlers.push_back(std::move(handler));
  }
  give(kInbox, {entry(1)});
  for (auto& one : handlers) {
    handler = std::move(one);
    acknowledge(kInbox, 1);
    one = std::move(handler);
  }
  handlers.erase(handlers.begin() + 4);  // a session ends before the flush
  executor.advance(std::chrono::seconds(1));
  EXPECT_EQ(service.move_calls, std::vector<std::size_t>({9}));
}

// ---- positions

TEST_F(PushEntries, what_the_device_has_already_is_not_pushed_and_counts_as_acknowledged) {
  open();
  positions({{kInbox, 2}});
  EXPECT_EQ(hub.of(kInbox)->after, 0u);
  give(kInbox, {entry(1), entry(2), entry(3)});
  EXPECT_EQ(pushed(kInbox), Numbers({3}));
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=2"}));
}

TEST_F(PushEntries, a_claim_beyond_the_end_moves_no_cursor) {
  open();
  positions({{kInbox, 1'000'000}});
  give(kInbox, {entry(1)});
  acknowledge(kInbox, 999'999);
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=1"}));
}

TEST_F(PushEntries, positions_count_once_a_connection) {
  open_and_follow();
  give(kInbox, {entry(1)});
  positions({{kInbox, 0}}, "another");
  EXPECT_EQ(hub.subscribed, 3u);
  EXPECT_EQ(frames().size(), 1u);
}

TEST_F(PushEntries, another_incarnation_begins_at_the_oldest_and_is_told_so) {
  open();
  positions({{kInbox, 7}}, "another");
  ASSERT_EQ(frames().size(), 1u);
  EXPECT_EQ(frames()[0].control.kind, wire::ControlKind::FEED_RESET);
  EXPECT_EQ(frames()[0].control.incarnation, kStorage);
  EXPECT_EQ(hub.of(kApp)->after, 0u);
  give(kInbox, {entry(3)});
  EXPECT_EQ(pushed(kInbox), Numbers({3}));
}

TEST_F(PushEntries, a_registration_that_is_gone_is_told_so) {
  session.session.registrations.clear();
  open_and_follow();
  ASSERT_EQ(frames().size(), 1u);
  EXPECT_EQ(frames()[0].control.kind, wire::ControlKind::ENDED);
}

TEST_F(PushEntries, a_resumption_reads_again_after_the_device_said_how_far_it_came) {
  open_and_follow();
  give(kInbox, {entry(1), entry(2), entry(3)});
  acknowledge(kInbox, 1);
  handler->on_resumed();
  EXPECT_TRUE(hub.live.empty());
  session.frames.clear();
  positions({{kInbox, 2}});
  EXPECT_EQ(hub.of(kInbox)->after, 1u);
  give(kInbox, {entry(2), entry(3)});
  EXPECT_EQ(pushed(kInbox), Numbers({3}));
}

TEST_F(PushEntries, a_reset_feed_begins_anew_with_the_new_key) {
  open_and_follow();
  give(kInbox, {entry(1), entry(2)});
  session.frames.clear();
  hub.reset(kInbox, "new");
  give(kInbox, {entry(1, "first")});
  ASSERT_EQ(frames().size(), 2u);
  EXPECT_EQ(frames()[0].control.feed, kInbox);
  EXPECT_EQ(frames()[0].control.incarnation, "new");
  EXPECT_EQ(opened_title(frames()[1].push, "new"), "first");
  EXPECT_EQ(opened_title(frames()[1].push), "(does not verify)");
}

TEST_F(PushEntries, a_reset_leaves_other_feeds_as_they_are) {
  open_and_follow();
  hub.reset(kInbox, "new");
  session.frames.clear();
  give(kNews, {entry(5, "news")});
  ASSERT_EQ(frames().size(), 1u);
  EXPECT_EQ(opened_title(frames()[0].push), "news");
}

// ---- back-pressure

TEST_F(PushEntries, a_peer_that_does_not_read_gets_no_more_until_it_does) {
  open_and_follow();
  session.blocks_after = 2;
  give(kInbox, {entry(1), entry(2), entry(3), entry(4)});
  EXPECT_EQ(pushed(kInbox), Numbers({1, 2}));
  EXPECT_EQ(hub.of(kInbox), nullptr);
  session.blocks_after = 0;
  session.is_blocked = false;
  handler->on_writable();
  EXPECT_EQ(hub.of(kInbox)->after, 2u);
  give(kInbox, {entry(3), entry(4)});
  EXPECT_EQ(pushed(kInbox), Numbers({1, 2, 3, 4}));
}

TEST_F(PushEntries, a_feed_that_blocks_at_its_end_is_paused_and_resumed) {
  open_and_follow();
  session.blocks_after = 1;
  give(kInbox, {entry(1)});
  EXPECT_TRUE(hub.of(kInbox)->paused);
  session.is_blocked = false;
  handler->on_writable();
  EXPECT_FALSE(hub.of(kInbox)->paused);
  EXPECT_EQ(hub.subscribed, 3u);
}

TEST_F(PushEntries, nothing_is_left_behind_when_the_session_ends) {
  open_and_follow();
  give(kInbox, {entry(1)});
  acknowledge(kInbox, 1);
  handler.reset();
  EXPECT_TRUE(hub.live.empty());
  executor.advance(std::chrono::seconds(2));
  EXPECT_TRUE(service.moves.empty());
}

}  // namespace
}  // namespace longwire::channels
