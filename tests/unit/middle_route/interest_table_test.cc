#include "middle/route/interest_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/sim/sim_world.h"
#include "tests/support/manual_executor.h"

namespace longwire::middle {
namespace {

const NodeId kNode("n1");

class InterestTableTest : public ::testing::Test, public StreamSink {
 protected:
  InterestTableTest() { make({}); }

  void make(InterestTable::Options options) {
    table_ = std::make_unique<InterestTable>(
        0, Environment{executor_, clock_, random_, null_log(), metrics_}, *this,
        [this](ReadRequest request, Callback<FeedPage> done) {
          reads_.push_back(request);
          if (hold_reads_) return;
          executor_.post([this, done = std::move(done)]() mutable { done(page_); });
        },
        options);
  }
  void to_front_end(const NodeId&, StreamMessage message) override {
    sent_.push_back(std::move(message));
  }

  void follow(const char* feed, StreamNumber number, StreamId stream = 1,
              const NodeId& node = kNode) {
    InterestMessage message;
    message.node = node;
    message.stream = stream;
    message.first = number;
    message.changes.push_back({FeedId(feed), true, 0});
    table_->receive(std::move(message));
    executor_.run_until_idle();
  }
  void publish(const char* feed, FeedNumber number) {
    auto entry = std::make_shared<Entry>();
    entry->number = number;
    const std::vector<EntryPtr> entries{entry};
    table_->published(FeedId(feed), entries);
  }
  StreamMessage last() {
    executor_.run_until_idle();
    return sent_.empty() ? StreamMessage() : sent_.back();
  }

  test::ManualClock clock_;
  test::ManualExecutor executor_{clock_};
  sim::SimRandom random_{1};
  Metrics metrics_;
  FeedPage page_;
  bool hold_reads_ = false;
  std::vector<ReadRequest> reads_;
  std::vector<StreamMessage> sent_;
  std::unique_ptr<InterestTable> table_;
};

TEST_F(InterestTableTest, answers_a_follow_with_what_the_reader_gives) {
  page_.tail = 7;
  follow("app:1", 1);
  ASSERT_EQ(last().items.size(), 1U);
  EXPECT_EQ(last().items[0].kind, StreamItemKind::kAnswer);
  EXPECT_EQ(last().items[0].tail, 7U);
  EXPECT_EQ(last().first, 1U);
}

TEST_F(InterestTableTest, knows_how_much_its_front_ends_have_not_taken) {
  follow("app:1", 1);
  EXPECT_EQ(table_->untaken(), 1U);  // the answer
  publish("app:1", 1);
  EXPECT_EQ(table_->untaken(), 2U);
  InterestMessage confirm;
  confirm.node = kNode;
  confirm.stream = 1;
  confirm.first = 2;
  confirm.taken = 1;
  table_->receive(confirm);
  EXPECT_EQ(table_->untaken(), 1U);
  table_->close_all();
  EXPECT_EQ(table_->untaken(), 0U);
}

TEST_F(InterestTableTest, sends_what_is_published_in_one_turn_as_one_message_per_node) {
  follow("app:1", 1);
  follow("app:1", 1, 1, NodeId("n2"));
  sent_.clear();
  publish("app:1", 1);
  publish("app:1", 2);
  publish("app:2", 1);
  last();
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[0].items.size(), 2U);
  EXPECT_EQ(sent_[0].first, 2U);
}

TEST_F(InterestTableTest, closes_a_stream_with_a_hole_in_its_changes) {
  follow("app:1", 1);
  follow("app:2", 3);
  EXPECT_TRUE(last().closed);
  EXPECT_EQ(table_->feeds(), 0U);
}

TEST_F(InterestTableTest, takes_a_doubled_change_once) {
  follow("app:1", 1);
  follow("app:1", 1);
  EXPECT_FALSE(last().closed);
  EXPECT_EQ(reads_.size(), 1U);
}

TEST_F(InterestTableTest, refuses_a_stream_older_than_the_one_it_knows_and_names_that) {
  follow("app:1", 1, 5);
  follow("app:1", 1, 4);
  EXPECT_TRUE(last().closed);
  EXPECT_EQ(last().stream, 4U);
  EXPECT_EQ(last().first, 5U);
  EXPECT_EQ(table_->feeds(), 1U);
}

TEST_F(InterestTableTest, cuts_off_a_node_that_does_not_take_its_stream) {
  InterestTable::Options options;
  options.items_untaken_max = 10;
  make(options);
  follow("app:1", 1);
  for (FeedNumber n = 1; n <= 10; ++n) publish("app:1", n);
  EXPECT_TRUE(last().closed);
  EXPECT_FALSE(table_->followed(FeedId("app:1")));
}

TEST_F(InterestTableTest, counts_what_a_node_confirms_as_taken) {
  InterestTable::Options options;
  options.items_untaken_max = 10;
  make(options);
  follow("app:1", 1);
  for (FeedNumber n = 1; n <= 100; ++n) {
    publish("app:1", n);
    InterestMessage message;
    message.node = kNode;
    message.stream = 1;
    message.first = 2;
    message.taken = last().first;
    table_->receive(std::move(message));
  }
  EXPECT_TRUE(table_->followed(FeedId("app:1")));
}

TEST_F(InterestTableTest, answers_a_lease_with_the_number_to_come) {
  follow("app:1", 1);
  last();
  InterestMessage renew;
  renew.node = kNode;
  renew.stream = 1;
  renew.first = 2;
  renew.renew = true;
  table_->receive(std::move(renew));
  EXPECT_TRUE(last().lease);
  EXPECT_EQ(last().first, 2U);
}

TEST_F(InterestTableTest, forgets_a_node_that_is_silent_for_a_lease) {
  follow("app:1", 1);
  executor_.advance(std::chrono::seconds(60));
  EXPECT_EQ(table_->nodes(), 0U);
  EXPECT_EQ(table_->feeds(), 0U);
}

TEST_F(InterestTableTest, limits_the_reads_under_way) {
  InterestTable::Options options;
  options.reads_max = 2;
  make(options);
  hold_reads_ = true;
  for (StreamNumber n = 1; n <= 5; ++n) follow(("app:" + std::to_string(n)).c_str(), n);
  EXPECT_EQ(reads_.size(), 2U);
}

TEST_F(InterestTableTest, tells_every_node_to_ask_again_when_ownership_ends) {
  follow("app:1", 1);
  table_->close_all();
  EXPECT_TRUE(last().closed);
  EXPECT_EQ(table_->feeds(), 0U);
}

}  // namespace
}  // namespace longwire::middle
