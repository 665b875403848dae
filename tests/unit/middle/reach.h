#pragma once

// How the tests of the middle reach it: in their own process, or through the wire between two. The
// same tests are linked with either.

#include "base/environment.h"
#include "middle/middle.h"

namespace longwire::middle {

// A link of `node` to `middle`, whose storage has as many partitions.
MiddleLink reach(MiddleTier& middle, const Environment& environment, const NodeId& node,
                 FrontEnd* front_end, std::uint16_t partitions);

}  // namespace longwire::middle
