#pragma once

// What is planted between the hosts of a cluster: frames are changed on their way, so that the
// other end does what it would do if it, or who wrote them, had the fault.

#include <memory>

#include "tests/sim/sim_wires.h"

namespace longwire::sim {

enum class SpoiledFrames {
  kNone,
  kLateCallsCount,    // no call says which owner it is meant for
  kRepeatsNotMarked,  // no request says that it is a repeat
  kClaimsLost,        // now and then nobody hears of a takeover
  kClaimsBackwards,   // of two claims, the earlier takeover looks like the later
};

// Null: nothing. `random` outlives it.
std::unique_ptr<SimSpoiler> make_spoiler(SpoiledFrames what, SimRandom& random);

}  // namespace longwire::sim
