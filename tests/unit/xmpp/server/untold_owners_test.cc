#include "xmpp/server/untold_owners.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/support/manual_executor.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kPartitions = 8;

class UntoldOwnersTest : public testing::Test {
 protected:
  void fail(const std::set<std::size_t>& partitions) {
    middle::OwnersChanged untold{std::vector<bool>(kPartitions)};
    for (const std::size_t partition : partitions) untold.partitions[partition] = true;
    owners.add(untold);
  }
  void on_told(const middle::OwnersChanged& changed) {
    std::set<std::size_t> partitions;
    for (std::size_t i = 0; i < changed.partitions.size(); ++i) {
      if (changed.partitions[i]) partitions.insert(i);
    }
    told.push_back(partitions);
    if (fails_again) fail(partitions);
  }

  test::ManualClock clock;
  test::ManualExecutor executor{clock};
  using Told = std::vector<std::set<std::size_t>>;
  Told told;
  bool fails_again = false;
  UntoldOwners owners{executor, [this](const middle::OwnersChanged& c) { on_told(c); }};
};

TEST_F(UntoldOwnersTest, all_that_were_not_told_are_told_again_at_once) {
  fail({3});
  executor.advance(std::chrono::seconds(1));
  fail({5, 6});
  executor.advance(std::chrono::seconds(1));
  EXPECT_EQ(told, Told({{3, 5, 6}}));
}

TEST_F(UntoldOwnersTest, those_that_were_told_are_not_told_again) {
  fail({3});
  executor.advance(std::chrono::seconds(2));
  fail({5});
  executor.advance(std::chrono::minutes(1));
  EXPECT_EQ(told, Told({{3}, {5}}));
}

TEST_F(UntoldOwnersTest, they_are_told_until_they_hear_it) {
  fails_again = true;
  fail({3});
  executor.advance(std::chrono::seconds(5));
  fails_again = false;
  executor.advance(std::chrono::minutes(1));
  EXPECT_EQ(told, Told({{3}, {3}, {3}}));
}

}  // namespace
}  // namespace longwire::xmpp
