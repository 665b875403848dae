#pragma once

// FollowSim: FollowHub and InterestTable alone, over a link with faults and readers that fail, from
// one seed. Listeners check at each entry that nothing is missed, doubled or out of order; at the
// end, after the faults, everybody must have everything.

#include <cstdint>
#include <string>

namespace longwire::sim {

// Empty: all promises held. Otherwise the first that did not, in words.
std::string run_follow_sim(std::uint64_t seed);

}  // namespace longwire::sim
