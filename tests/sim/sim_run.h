#pragma once

// SimRun: one run of the whole middle tier from one seed: a time with faults, a time without, then
// the promises are checked.

#include <cstdint>
#include <string>

namespace longwire::sim {

// What is broken on purpose.
enum class Planted {
  kNothing,
  kCommitIgnoresPosition,
  kCursorMayFall,
  kNumberUsedTwice,
  kLaneItemTakenTwice,
  kCatchUpLost,
  kSealIgnored,
  // In a cluster:
  kLateCallsCount,
  kRepeatsNotMarked,
  kClaimsLost,
  kClaimsBackwards,
  kSessionsNotTold,
  kCommitIgnoresPositionInCluster,
};

struct SimResult {
  std::string failure;  // empty: all promises held
  std::uint64_t events = 0;
  std::uint64_t sends = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t crashes = 0;
  std::uint64_t commits = 0;
};

// `loud`: components and troubles speak to stderr.
SimResult run_sim(std::uint64_t seed, Planted planted, bool loud = false);

}  // namespace longwire::sim
