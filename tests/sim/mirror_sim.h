#pragma once

// MirrorSim: mirrors alone, over a store and a Redis with faults: two processes that take one
// partition from each other, commit and read, from one seed. A read by the owner must answer with a
// value that the row had between its call and its answer, as far as the owner could know.

#include <cstdint>
#include <string>

namespace longwire::sim {

struct MirrorSimResult {
  std::string failure;  // empty: all promises held
  std::uint64_t reads = 0;
  std::uint64_t commits = 0;
  std::uint64_t found = 0;  // rows that Redis answered
};

MirrorSimResult run_mirror_sim(std::uint64_t seed);

}  // namespace longwire::sim
