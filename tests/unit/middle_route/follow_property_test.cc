// Many runs from seeds: what no single test would think of.

#include <gtest/gtest.h>

#include "tests/sim/follow_sim.h"

namespace longwire::sim {
namespace {

TEST(FollowHub, misses_doubles_and_reorders_nothing_over_a_faulty_link) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    ASSERT_EQ(run_follow_sim(seed), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace longwire::sim
