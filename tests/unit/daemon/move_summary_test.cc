#include "daemon/move/move_summary.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

MoveTally tally_of(std::initializer_list<BytesView> rows) {
  MoveTally tally;
  for (const BytesView row : rows) tally.add_row(row, row.size());
  return tally;
}

TEST(MoveTally, Does_not_depend_on_the_order) {
  EXPECT_EQ(tally_of({"a", "bc", "d"}), tally_of({"d", "a", "bc"}));
  MoveTally sum = tally_of({"a"});
  EXPECT_EQ(sum += tally_of({"d", "bc"}), tally_of({"a", "bc", "d"}));
}

TEST(MoveTally, Tells_other_rows_of_the_same_number_and_size) {
  EXPECT_NE(tally_of({"a", "bc"}), tally_of({"a", "bd"}));
  EXPECT_NE(tally_of({"ab", "c"}), tally_of({"a", "bc"}));
}

TEST(MoveTally, Tells_a_state_from_a_row_of_the_same_bytes) {
  MoveTally state;
  state.add_state("a");
  EXPECT_NE(state.checksum, tally_of({"a"}).checksum);
  EXPECT_EQ(state.rows, 0u);
}

TEST(MoveSummary, Difference_names_the_kind_or_else_the_partition) {
  MoveSummary one;
  one.partitions = {tally_of({"a"}), tally_of({"b"})};
  one.kinds["entries"] = tally_of({"a", "b"});
  MoveSummary other = one;
  EXPECT_EQ(difference(one, other), "");
  other.partitions = {tally_of({"b"}), tally_of({"a"})};
  EXPECT_EQ(difference(one, other).substr(0, 12), "partition 0:");
  other.kinds["entries"] = tally_of({"a"});
  EXPECT_EQ(difference(one, other).substr(0, 8), "entries:");
  other = one;
  other.kinds["users"] = tally_of({"u"});
  EXPECT_EQ(difference(one, other).substr(0, 6), "users:");
  other = one;
  other.directory = tally_of({"u"});
  EXPECT_EQ(difference(one, other).substr(0, 10), "directory:");
}

}  // namespace
}  // namespace longwire::daemon
