// The rules of lanes (design section 4), between two partitions whose messages a test moves.

#include "middle/partition/lane_sender.h"
#include "tests/unit/middle/partition_world.h"

namespace longwire::middle {
namespace {

using std::chrono::seconds;

class LaneRules : public PartitionWorld {
 public:
  LaneRules() { restart(); }
  ~LaneRules() override {
    from.reset();
    to.reset();
    executor.run_until_idle();
  }
  void restart() {
    from = open(0);
    to = open(1);
  }
  std::unique_ptr<Partition> open(PartitionId id) {
    PartitionOptions options;
    options.lane_items_max = 3;
    // The effect appends the item to the row "seen".
    const LaneEffect effect = [](Transaction& t, BytesView item) {
      const Bytes* seen = t.get("seen");
      t.put("seen", (seen == nullptr ? Bytes() : *seen) + Bytes(item));
    };
    return open_partition(id, effect, options);
  }
  Status send(std::string item) {
    const auto sent = std::make_shared<Status>();  // shared: held commits are answered later
    from->run<void>(
        WorkClass::kControl,
        [item](Transaction& t) -> Status {
          if (!t.lane_has_room(1)) return Error{ErrorCode::kUnavailable, "full"};
          t.send(1, item);
          return {};
        },
        [sent](Status status) { *sent = std::move(status); });
    executor.run_until_idle();
    return *sent;
  }
  // Brings what is on its way to its end.
  void move_messages() {
    for (LaneMessage& message : std::exchange(lanes.messages, {})) to->receive(std::move(message));
    executor.run_until_idle();
  }
  void move_confirms() {
    for (LaneConfirm confirm : std::exchange(lanes.confirms, {})) from->receive(confirm);
    executor.run_until_idle();
  }
  std::string seen() {
    std::string all;
    to->run<Bytes>(
        WorkClass::kRead,
        [](Transaction& t) -> Result<Bytes> {
          const Bytes* row = t.get("seen");
          return row == nullptr ? Bytes() : *row;
        },
        [&](Result<Bytes> row) { all = row.value(); });
    executor.run_until_idle();
    return all;
  }
  std::size_t items_stored() {
    std::size_t count = 0;
    from->scan({.from = "l", .to = "m"}, [&](auto rows) { count = rows->size(); });
    executor.run_until_idle();
    return count;
  }

  std::unique_ptr<Partition> from;
  std::unique_ptr<Partition> to;
};

TEST_F(LaneRules, Items_take_effect_in_their_order) {
  for (const char* item : {"a", "b", "c"}) ASSERT_TRUE(send(item).ok());
  for (int i = 0; i < 2; ++i) {
    move_messages();
    move_confirms();
  }
  EXPECT_EQ(seen(), "abc");
}

TEST_F(LaneRules, An_item_is_sent_only_after_its_commit) {
  store.hold_commits(true);
  ASSERT_TRUE(send("a").ok());
  EXPECT_TRUE(lanes.messages.empty());
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  EXPECT_EQ(lanes.messages.size(), 1u);
}

TEST_F(LaneRules, An_item_is_taken_once_though_its_message_is_doubled) {
  ASSERT_TRUE(send("a").ok());
  lanes.messages.push_back(lanes.messages.front());
  LaneMessage late = lanes.messages.front();
  move_messages();
  to->receive(std::move(late));
  executor.run_until_idle();
  EXPECT_EQ(seen(), "a");
}

TEST_F(LaneRules, An_item_is_taken_once_though_the_target_restarts) {
  ASSERT_TRUE(send("a").ok());
  LaneMessage again = lanes.messages.front();
  move_messages();
  to = open(1);
  to->receive(std::move(again));
  executor.run_until_idle();
  EXPECT_EQ(seen(), "a");
}

TEST_F(LaneRules, A_later_item_is_not_taken_before_the_earlier) {
  ASSERT_TRUE(send("a").ok());
  LaneMessage skipped{0, 1, 2, {"b"}};
  to->receive(std::move(skipped));
  executor.run_until_idle();
  EXPECT_EQ(seen(), "");
}

TEST_F(LaneRules, A_lost_message_is_repeated_until_taken) {
  ASSERT_TRUE(send("a").ok());
  lanes.messages.clear();
  executor.advance(seconds(2));
  ASSERT_FALSE(lanes.messages.empty());
  move_messages();
  EXPECT_EQ(seen(), "a");
}

TEST_F(LaneRules, Items_stay_until_taken_and_survive_a_restart_of_their_source) {
  ASSERT_TRUE(send("a").ok());
  lanes.messages.clear();
  from = open(0);
  EXPECT_EQ(items_stored(), 1u);
  move_messages();
  move_confirms();
  EXPECT_EQ(seen(), "a");
  EXPECT_EQ(items_stored(), 0u);
}

TEST_F(LaneRules, A_full_lane_refuses_new_work) {
  for (const char* item : {"a", "b", "c"}) ASSERT_TRUE(send(item).ok());
  const Status refused = send("d");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  for (int i = 0; i < 2; ++i) {
    move_messages();
    move_confirms();
  }
  EXPECT_TRUE(send("d").ok());
}

TEST_F(LaneRules, Who_waits_for_an_item_hears_when_it_is_taken) {
  ASSERT_TRUE(send("a").ok());
  bool taken = false;
  from->when_taken(1, 1, [&](Status status) { taken = status.ok(); });
  EXPECT_FALSE(taken);
  move_messages();
  move_confirms();
  EXPECT_TRUE(taken);
}

TEST_F(LaneRules, Nothing_is_confirmed_before_its_commit) {
  ASSERT_TRUE(send("a").ok());
  store.hold_commits(true);
  move_messages();
  EXPECT_TRUE(lanes.confirms.empty());
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  EXPECT_EQ(lanes.confirms.size(), 1u);
}

}  // namespace
}  // namespace longwire::middle
