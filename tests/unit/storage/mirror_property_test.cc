// Mirrors from seeds: storage/mirror, with all that a store and a Redis may do to it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/sim/mirror_sim.h"

namespace longwire::sim {
namespace {

std::uint64_t seeds() {
  const char* more = std::getenv("LONGWIRE_MIRROR_SEEDS");
  return more == nullptr ? 1000 : std::stoull(more);
}

TEST(MirrorProperty, Owner_never_reads_what_a_row_no_longer_was) {
  std::uint64_t found = 0;
  std::uint64_t commits = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const MirrorSimResult result = run_mirror_sim(seed);
    ASSERT_EQ(result.failure, "") << "seed " << seed;
    found += result.found;
    commits += result.commits;
  }
  // It is the mirror that was tried, not the store behind it.
  EXPECT_GT(found, 10 * seeds());
  EXPECT_GT(commits, 10 * seeds());
  RecordProperty("found", std::to_string(found));
  RecordProperty("commits", std::to_string(commits));
}

}  // namespace
}  // namespace longwire::sim
