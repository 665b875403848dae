// Positions of transactions.

#include <gtest/gtest.h>

#include "storage/mysql/gtid.h"

namespace longwire::test {
namespace {

using storage::mysql::GtidPosition;
using storage::mysql::has_more;
using storage::mysql::parse_gtid_position;

TEST(MySqlGtid, Position_is_a_number_a_domain) {
  EXPECT_EQ(parse_gtid_position("").value(), GtidPosition());
  EXPECT_EQ(parse_gtid_position("1-1-17").value(), (GtidPosition{{1, 17}}));
  EXPECT_EQ(parse_gtid_position("1-1-17,2-7-4").value(), (GtidPosition{{1, 17}, {2, 4}}));
  EXPECT_EQ(parse_gtid_position("1-1-17,1-2-19").value(), (GtidPosition{{1, 19}}));
}

TEST(MySqlGtid, Anything_else_is_no_position) {
  for (const char* bad : {"1", "1-1", "1-1-", "1-1-x", "1-1-1-1", "-1-1", "1-1-1 "}) {
    EXPECT_FALSE(parse_gtid_position(bad).ok()) << bad;
  }
}

TEST(MySqlGtid, Has_more_looks_at_each_domain) {
  EXPECT_FALSE(has_more({}, {}));
  EXPECT_FALSE(has_more({{1, 5}}, {{1, 5}}));
  EXPECT_FALSE(has_more({{1, 5}}, {{1, 6}, {2, 1}}));
  EXPECT_TRUE(has_more({{1, 6}}, {{1, 5}, {2, 9}}));
  EXPECT_TRUE(has_more({{1, 5}, {2, 1}}, {{1, 5}}));
}

TEST(MySqlGtid, Together_is_the_later_of_each_domain) {
  EXPECT_EQ(storage::mysql::together({{1, 5}, {2, 3}}, {{2, 4}, {3, 1}}),
            (GtidPosition{{1, 5}, {2, 4}, {3, 1}}));
}

}  // namespace
}  // namespace longwire::test
