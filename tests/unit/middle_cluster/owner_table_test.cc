// Whose claim counts.

#include "middle/cluster/owner_table.h"

#include <gtest/gtest.h>

namespace longwire::middle::cluster {
namespace {

PartitionClaim claim(Position since) { return {3, since, true}; }
constexpr PartitionClaim kGivenUp{3, 0, false};

class OwnerTableTest : public testing::Test {
 protected:
  NodeAddress owner() const { return table.of(3) ? table.of(3)->node : "nobody"; }
  OwnerTable table{16};
};

TEST_F(OwnerTableTest, The_later_takeover_counts_whichever_is_heard_first) {
  EXPECT_TRUE(table.take("b", claim(20)));
  EXPECT_FALSE(table.take("a", claim(10)));
  EXPECT_EQ(owner(), "b");
  EXPECT_TRUE(table.take("c", claim(30)));
  EXPECT_EQ(owner(), "c");
}

TEST_F(OwnerTableTest, A_former_owner_cannot_give_up_what_another_has) {
  table.take("a", claim(10));
  table.take("b", claim(20));
  table.take("a", kGivenUp);
  EXPECT_EQ(owner(), "b");
  table.take("b", kGivenUp);
  EXPECT_EQ(owner(), "nobody");
}

TEST_F(OwnerTableTest, What_was_refuted_counts_again_only_with_a_new_takeover) {
  table.take("a", claim(10));
  table.refuted(3, {"a", 10});
  EXPECT_EQ(owner(), "nobody");
  EXPECT_TRUE(table.take("a", claim(11)));
  table.refuted(3, {"a", 10});
  EXPECT_EQ(owner(), "a");
}

TEST_F(OwnerTableTest, A_node_that_is_connected_anew_is_a_new_owner) {
  table.take("a", claim(10));
  EXPECT_FALSE(table.take("a", claim(10)));
  table.lost("a");
  EXPECT_TRUE(table.take("a", claim(10)));
}

// A storage that was restored begins lower.
TEST_F(OwnerTableTest, Without_an_owner_any_claim_counts) {
  table.take("a", claim(1000));
  table.lost("a");
  EXPECT_TRUE(table.take("b", claim(5)));
}

TEST_F(OwnerTableTest, A_partition_that_there_is_not_is_nobody_s) {
  EXPECT_FALSE(table.take("a", {16, 1, true}));
}

}  // namespace
}  // namespace longwire::middle::cluster
