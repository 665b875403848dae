#include "middle/partition/transaction.h"

#include "tests/unit/middle/rows_world.h"

namespace longwire::middle {
namespace {

class TransactionRules : public RowsWorld {};

TEST_F(TransactionRules, A_run_that_asks_for_a_row_not_in_memory_is_incomplete) {
  Transaction run = begin();
  EXPECT_EQ(run.get("a"), nullptr);
  EXPECT_FALSE(run.complete());
}

TEST_F(TransactionRules, The_run_after_the_load_is_complete) {
  cache.load("a", Bytes("1"));
  absent("b");
  Transaction run = begin();
  EXPECT_EQ(*run.get("a"), "1");
  EXPECT_EQ(run.get("b"), nullptr);
  EXPECT_TRUE(run.complete());
}

TEST_F(TransactionRules, A_row_it_wrote_itself_need_not_be_loaded) {
  Transaction run = begin();
  run.put("a", "1");
  EXPECT_EQ(*run.get("a"), "1");
  run.remove("b");
  EXPECT_EQ(run.get("b"), nullptr);
  EXPECT_TRUE(run.complete());
}

TEST_F(TransactionRules, The_last_write_of_a_key_wins) {
  cache.load("a", Bytes("0"));
  Transaction run = begin();
  run.put("a", "1");
  run.put("b", "x");
  run.put("a", "2");
  EXPECT_EQ(*run.get("a"), "2");
  run.remove("a");
  EXPECT_EQ(run.get("a"), nullptr);
  run.put("a", "3");
  EXPECT_EQ(*run.get("a"), "3");
  EXPECT_EQ(*run.get("b"), "x");
}

TEST_F(TransactionRules, What_a_run_wrote_is_not_in_the_cache) {
  begin().put("a", "1");
  EXPECT_EQ(cache.find("a"), nullptr);
}

TEST_F(TransactionRules, An_item_to_the_own_partition_takes_effect_at_once) {
  Transaction run = begin();
  EXPECT_EQ(run.send(kHere, "do"), 0u);
  EXPECT_EQ(effects, std::vector<Bytes>{"do"});
}

TEST_F(TransactionRules, Items_to_another_partition_are_numbered_and_written_as_rows) {
  lanes.sent[kThere] = 4;
  Transaction run = begin();
  EXPECT_EQ(run.send(kThere, "do"), 5u);
  EXPECT_EQ(run.send(kThere, "more"), 6u);
  EXPECT_EQ(*run.get(lane_item_key(kThere, 5)), "do");
  EXPECT_EQ(*run.get(lane_item_key(kThere, 6)), "more");
  EXPECT_TRUE(effects.empty());
  EXPECT_EQ(lanes.sent[kThere], 4u);  // until the run counts
}

TEST_F(TransactionRules, A_lane_has_room_for_what_does_not_wait_yet) {
  lane_waiting[kThere] = 1;
  Transaction run = begin();
  EXPECT_TRUE(run.lane_has_room(kThere));
  run.send(kThere, "last");
  EXPECT_FALSE(run.lane_has_room(kThere));
  EXPECT_TRUE(run.lane_has_room(kHere));
}

TEST_F(TransactionRules, Only_the_next_item_of_a_lane_is_taken) {
  lanes.taken[kThere] = 4;
  Transaction run = begin();
  EXPECT_FALSE(run.take(kThere, 4));
  EXPECT_FALSE(run.take(kThere, 6));
  EXPECT_TRUE(run.take(kThere, 5));
  EXPECT_FALSE(run.take(kThere, 5));
  EXPECT_EQ(run.taken(kThere), 5u);
}

TEST_F(TransactionRules, Nothing_is_taken_from_a_partition_that_does_not_exist) {
  EXPECT_FALSE(begin().take(2, 1));
}

TEST_F(TransactionRules, A_hash_is_at_home_in_one_of_the_partitions) {
  Transaction run = begin();
  EXPECT_EQ(run.home(0x7fff), kHere);
  EXPECT_EQ(run.home(0x8000), kThere);
}

TEST(LaneItemKey, Sorts_by_target_then_number) {
  EXPECT_EQ(lane_item_key(0x0102, 3), Bytes("l\x01\x02\0\0\0\0\0\0\0\x03", 11));
  EXPECT_LT(lane_item_key(1, 255), lane_item_key(1, 256));
  EXPECT_LT(lane_item_key(1, 256), lane_item_key(2, 1));
}

}  // namespace
}  // namespace longwire::middle
