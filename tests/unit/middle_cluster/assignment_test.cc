// Who is to own what: shares are even, and who comes or goes moves little.

#include "middle/cluster/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace longwire::middle::cluster {
namespace {

std::vector<std::string> nodes(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back("10.0.0." + std::to_string(i) + ":5300");
  return names;
}

// By name, so that lists of other lengths can be compared.
std::vector<std::string> owners(const std::vector<std::string>& members, std::uint16_t partitions) {
  std::vector<std::string> names;
  for (const std::size_t owner : assign(members, partitions)) names.push_back(members[owner]);
  return names;
}

std::size_t moved(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < before.size(); ++i) count += before[i] != after[i] ? 1U : 0U;
  return count;
}

TEST(Assignment, Gives_nobody_more_than_a_share_rounded_up) {
  for (std::size_t count = 1; count <= 20; ++count) {
    std::map<std::string, std::size_t> owned;
    for (const std::string& owner : owners(nodes(count), 16)) ++owned[owner];
    for (const auto& [node, partitions] : owned) EXPECT_LE(partitions, (16 + count - 1) / count);
  }
}

TEST(Assignment, Is_the_same_in_any_order_of_members) {
  auto members = nodes(5);
  const auto before = owners(members, 64);
  std::reverse(members.begin(), members.end());
  EXPECT_EQ(owners(members, 64), before);
}

TEST(Assignment, Leaving_moves_what_the_node_had_and_little_more) {
  constexpr std::uint16_t kPartitions = 240;
  for (std::size_t count = 2; count <= 8; ++count) {
    auto members = nodes(count);
    const auto before = owners(members, kPartitions);
    members.pop_back();
    EXPECT_LE(moved(before, owners(members, kPartitions)), kPartitions / count * 3 / 2) << count;
  }
}

TEST(Assignment, Nobody_owns_anything_without_members) { EXPECT_TRUE(assign({}, 16).empty()); }

}  // namespace
}  // namespace longwire::middle::cluster
