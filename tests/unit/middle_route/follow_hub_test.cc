#include "middle/route/follow_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "middle/route/follow_hub_impl.h"
#include "tests/sim/sim_world.h"
#include "tests/support/manual_executor.h"

namespace longwire::middle {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Listener final : FeedListener {
  void on_entries(SubscriptionId, const FeedId&, std::span<const EntryPtr> entries) override {
    for (const EntryPtr& entry : entries) numbers.push_back(entry->number);
    if (then) then();
  }
  void on_feed_reset(SubscriptionId, const FeedId&, const Incarnation& incarnation) override {
    resets.push_back(incarnation.value());
  }
  std::vector<FeedNumber> numbers;
  std::vector<std::string> resets;  // incarnations
  std::function<void()> then;
};

// Plays the owner of the one partition by hand.
class FollowHubTest : public ::testing::Test, public InterestSink {
 protected:
  FollowHubTest()
      : hub_(std::make_unique<FollowHubImpl>(
            NodeId("n1"), 1, Environment{executor_, clock_, random_, null_log(), metrics_}, *this,
            [this](ReadRequest request, Callback<FeedPage> done) { read(request, done); },
            options())) {}

  static FollowHubOptions options() {
    FollowHubOptions options;
    options.window_entries = 8;
    options.read_entries_max = 4;
    options.renew_every = std::chrono::hours(1);
    return options;
  }
  void to_owner(InterestMessage message) override { asked_.push_back(std::move(message)); }
  void read(const ReadRequest& request, Callback<FeedPage>& done) {
    reads_.push_back(request.after);
    FeedPage page = page_after(request.after, request.entries_max);
    executor_.post([done = std::move(done), page]() mutable { done(std::move(page)); });
  }
  FeedPage page_after(FeedNumber after, std::size_t limit) const {
    FeedPage page;
    page.tail = tail_;
    page.incarnation = Incarnation("a");
    for (FeedNumber n = after + 1; n <= tail_ && page.entries.size() < limit; ++n) {
      page.entries.push_back(entry(n));
    }
    return page;
  }
  static EntryPtr entry(FeedNumber number) {
    auto made = std::make_shared<Entry>();
    made->number = number;
    return made;
  }

  void send(StreamItem item) {
    StreamMessage message;
    message.owner = 1;
    message.stream = asked_.back().stream;
    message.first = next_item_++;
    message.items.push_back(std::move(item));
    hub_->receive(std::move(message));
    executor_.run_until_idle();
  }
  void answer(const char* feed, FeedNumber after, const char* incarnation = "a") {
    executor_.run_until_idle();
    FeedPage page = page_after(after, 100);
    StreamItem item;
    item.kind = StreamItemKind::kAnswer;
    item.feed = FeedId(feed);
    item.entries = std::move(page.entries);
    item.tail = page.tail;
    item.incarnation = Incarnation(incarnation);
    send(std::move(item));
  }
  void publish(const char* feed) {
    StreamItem item;
    item.feed = FeedId(feed);
    item.entries.push_back(entry(++tail_));
    send(std::move(item));
  }
  SubscriptionId subscribe(const char* feed, FeedNumber after, Listener& listener) {
    return hub_->subscribe(FeedId(feed), after, listener);
  }

  test::ManualClock clock_;
  test::ManualExecutor executor_{clock_};
  sim::SimRandom random_{1};
  Metrics metrics_;
  FeedNumber tail_ = 0;
  StreamNumber next_item_ = 1;
  std::vector<InterestMessage> asked_;
  std::vector<FeedNumber> reads_;
  Listener one_, two_;
  std::unique_ptr<FollowHubImpl> hub_;
};

TEST_F(FollowHubTest, tells_its_interest_once_whatever_the_number_of_subscriptions) {
  for (int i = 0; i < 100; ++i) subscribe("app:1", 0, one_);
  executor_.run_until_idle();
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].changes.size(), 1U);
}

TEST_F(FollowHubTest, gives_what_follows_the_number_and_then_what_is_published) {
  tail_ = 3;
  subscribe("app:1", 1, one_);
  answer("app:1", 1);
  publish("app:1");
  EXPECT_THAT(one_.numbers, ElementsAre(2, 3, 4));
  EXPECT_THAT(reads_, IsEmpty());
}

TEST_F(FollowHubTest, serves_a_later_subscription_from_the_window) {
  subscribe("app:1", 0, one_);
  subscribe("app:1", 0, one_);
  answer("app:1", 0);
  for (int i = 0; i < 4; ++i) publish("app:1");
  subscribe("app:1", 2, two_);
  EXPECT_THAT(two_.numbers, IsEmpty());
  executor_.run_until_idle();
  EXPECT_THAT(two_.numbers, ElementsAre(3, 4));
  EXPECT_THAT(reads_, IsEmpty());
}

TEST_F(FollowHubTest, catches_up_by_pages_and_joins_without_gap_or_double) {
  tail_ = 9;
  subscribe("app:1", 9, one_);
  answer("app:1", 9);
  subscribe("app:1", 0, two_);
  publish("app:1");
  executor_.run_until_idle();
  EXPECT_THAT(two_.numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(reads_, ElementsAre(0, 4, 8));
}

TEST_F(FollowHubTest, serves_all_that_are_behind_with_the_same_reads) {
  tail_ = 8;
  subscribe("app:1", 8, one_);
  answer("app:1", 8);
  std::vector<Listener> many(50);
  for (Listener& listener : many) subscribe("app:1", 0, listener);
  executor_.run_until_idle();
  EXPECT_EQ(reads_.size(), 2U);
  for (const Listener& listener : many) EXPECT_EQ(listener.numbers.size(), 8U);
}

TEST_F(FollowHubTest, gives_a_paused_subscription_nothing_until_it_is_resumed) {
  const SubscriptionId id = subscribe("app:1", 0, one_);
  answer("app:1", 0);
  hub_->pause(id);
  publish("app:1");
  publish("app:1");
  EXPECT_THAT(one_.numbers, IsEmpty());
  hub_->resume(id);
  EXPECT_THAT(one_.numbers, IsEmpty());
  executor_.run_until_idle();
  EXPECT_THAT(one_.numbers, ElementsAre(1, 2));
}

TEST_F(FollowHubTest, is_behind_while_it_is_paused_and_there_is_more) {
  const SubscriptionId id = subscribe("app:1", 0, one_);
  answer("app:1", 0);
  hub_->pause(id);
  EXPECT_FALSE(hub_->is_behind(id));
  publish("app:1");
  EXPECT_TRUE(hub_->is_behind(id));
  hub_->resume(id);
  EXPECT_TRUE(hub_->is_behind(id));
  executor_.run_until_idle();
  EXPECT_FALSE(hub_->is_behind(id));
}

TEST_F(FollowHubTest, is_behind_until_the_owner_has_answered) {
  const SubscriptionId id = subscribe("app:1", 0, one_);
  EXPECT_TRUE(hub_->is_behind(id));
  answer("app:1", 0);
  EXPECT_FALSE(hub_->is_behind(id));
  hub_->owners_changed({true});
  EXPECT_TRUE(hub_->is_behind(id));
  next_item_ = 1;
  answer("app:1", 0);
  EXPECT_FALSE(hub_->is_behind(id));
}

TEST_F(FollowHubTest, keeps_no_entry_of_an_inbox_that_was_delivered) {
  subscribe("inbox:0001AAAA", 0, one_);
  answer("inbox:0001AAAA", 0);
  for (int i = 0; i < 10; ++i) publish("inbox:0001AAAA");
  EXPECT_EQ(one_.numbers.size(), 10U);
  EXPECT_EQ(hub_->window_bytes(), 0U);
}

TEST_F(FollowHubTest, bounds_the_window_of_a_shared_feed) {
  subscribe("app:1", 0, one_);
  subscribe("app:1", 0, two_);
  answer("app:1", 0);
  for (int i = 0; i < 100; ++i) publish("app:1");
  EXPECT_LE(hub_->window_bytes(), 12 * sizeof(Entry));
  EXPECT_EQ(two_.numbers.size(), 100U);
}

TEST_F(FollowHubTest, asks_again_from_the_last_number_it_has_when_an_item_is_missing) {
  subscribe("app:1", 0, one_);
  answer("app:1", 0);
  publish("app:1");
  const StreamId before = asked_.back().stream;
  ++tail_;
  ++next_item_;  // lost on the way
  publish("app:1");
  ASSERT_GT(asked_.back().stream, before);
  EXPECT_EQ(asked_.back().changes.at(0).after, 1U);
  next_item_ = 1;
  answer("app:1", 1);
  EXPECT_THAT(one_.numbers, ElementsAre(1, 2, 3));
}

TEST_F(FollowHubTest, asks_again_when_the_owner_is_another) {
  subscribe("app:1", 0, one_);
  answer("app:1", 0);
  StreamMessage message;
  message.owner = 2;
  message.stream = asked_.back().stream;
  message.first = 2;
  const StreamId before = message.stream;
  hub_->receive(std::move(message));
  EXPECT_GT(asked_.back().stream, before);
}

TEST_F(FollowHubTest, asks_again_when_a_lease_is_not_answered) {
  subscribe("app:1", 0, one_);
  executor_.run_until_idle();
  const StreamId before = asked_.back().stream;
  executor_.advance(std::chrono::seconds(5));
  EXPECT_GT(asked_.back().stream, before);
}

TEST_F(FollowHubTest, starts_over_when_the_feed_has_a_new_incarnation) {
  subscribe("app:1", 0, one_);
  answer("app:1", 0);
  publish("app:1");
  StreamItem reset;
  reset.kind = StreamItemKind::kReset;
  reset.feed = FeedId("app:1");
  reset.incarnation = Incarnation("b");
  send(std::move(reset));
  EXPECT_THAT(one_.resets, ElementsAre("b"));
  answer("app:1", 0, "b");
  EXPECT_THAT(one_.numbers, ElementsAre(1, 1));
}

TEST_F(FollowHubTest, allows_a_listener_to_unsubscribe_others_from_inside_its_call) {
  std::vector<Listener> many(10);
  std::vector<SubscriptionId> ids;
  for (Listener& listener : many) ids.push_back(subscribe("app:1", 0, listener));
  answer("app:1", 0);
  many[0].then = [&] {
    for (std::size_t i = 0; i < 5; ++i) hub_->unsubscribe(ids[i]);
    for (int i = 0; i < 100; ++i) subscribe("app:1", 1, one_);
  };
  publish("app:1");
  many[0].then = nullptr;
  publish("app:1");
  EXPECT_THAT(many[0].numbers, ElementsAre(1));
  EXPECT_THAT(many[4].numbers, IsEmpty());
  EXPECT_THAT(many[9].numbers, ElementsAre(1, 2));
  EXPECT_EQ(one_.numbers.size(), 100U);
}

// ---- feeds with many members

class FullFeedTest : public FollowHubTest {
 protected:
  static constexpr std::size_t kMembers = 300;  // more than are served in two turns
  FullFeedTest() : many(kMembers) {
    for (Listener& each : many) ids.push_back(subscribe("topic:1/n", 0, each));
    subscribe("inbox:0001A", 0, one_);
    answer("topic:1/n", 0);
    answer("inbox:0001A", 0);
  }
  void receive(const char* feed, FeedNumber number) {
    StreamMessage message;
    message.owner = 1;
    message.stream = asked_.back().stream;
    message.first = next_item_++;
    StreamItem item;
    item.feed = FeedId(feed);
    item.entries.push_back(entry(number));
    message.items.push_back(std::move(item));
    hub_->receive(std::move(message));
  }
  std::size_t that_have(const std::vector<FeedNumber>& numbers) const {
    return static_cast<std::size_t>(std::count_if(
        many.begin(), many.end(), [&](const Listener& each) { return each.numbers == numbers; }));
  }
  std::vector<Listener> many;
  std::vector<SubscriptionId> ids;
};

TEST_F(FullFeedTest, holds_up_other_feeds_for_one_turn_only) {
  receive("topic:1/n", 1);
  EXPECT_EQ(that_have({1}), FollowHubOptions().turn_members_max);
  receive("inbox:0001A", 1);
  EXPECT_THAT(one_.numbers, ElementsAre(1));
  EXPECT_LT(that_have({1}), kMembers);
  executor_.run_until_idle();
  EXPECT_EQ(that_have({1}), kMembers);
}

TEST_F(FullFeedTest, gives_all_members_what_comes_during_a_round) {
  receive("topic:1/n", 1);
  receive("topic:1/n", 2);
  executor_.run_until_idle();
  EXPECT_EQ(that_have({1, 2}), kMembers);
}

TEST_F(FullFeedTest, misses_nobody_whose_place_changes_during_a_round) {
  for (const bool within : {false, true}) {
    const FeedNumber number = within ? 2 : 1;
    const std::size_t gone = within ? 20 : 10;
    if (within) many[100].then = [&] { hub_->unsubscribe(ids[gone]); };
    receive("topic:1/n", number);
    if (!within) hub_->unsubscribe(ids[gone]);
    executor_.run_until_idle();
  }
  EXPECT_EQ(that_have({1, 2}), kMembers - 1);
}

TEST_F(FullFeedTest, gives_one_that_is_resumed_during_a_round_what_it_missed) {
  hub_->pause(ids[0]);
  receive("topic:1/n", 1);
  hub_->resume(ids[0]);
  executor_.run_until_idle();
  EXPECT_EQ(that_have({1}), kMembers);
}

TEST_F(FollowHubTest, ignores_the_id_of_a_subscription_that_is_gone) {
  const SubscriptionId id = subscribe("app:1", 0, one_);
  hub_->unsubscribe(id);
  subscribe("app:1", 0, two_);
  hub_->unsubscribe(id);
  answer("app:1", 0);
  publish("app:1");
  EXPECT_THAT(two_.numbers, ElementsAre(1));
}

TEST_F(FollowHubTest, stops_following_a_while_after_the_last_subscription) {
  hub_->unsubscribe(subscribe("app:1", 0, one_));
  answer("app:1", 0);
  EXPECT_EQ(hub_->feeds(), 1U);
  executor_.advance(std::chrono::seconds(21));
  EXPECT_EQ(hub_->feeds(), 0U);
  executor_.run_until_idle();
  bool unfollowed = false;
  for (const InterestMessage& message : asked_) {
    for (const InterestChange& change : message.changes) unfollowed |= !change.follow;
  }
  EXPECT_TRUE(unfollowed);
}

}  // namespace
}  // namespace longwire::middle
