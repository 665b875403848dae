#include "tests/unit/middle/reach.h"

namespace longwire::middle {

MiddleLink reach(MiddleTier& middle, const Environment& environment, const NodeId& node,
                 FrontEnd* front_end, std::uint16_t) {
  return middle.connect(environment.executor, node, front_end);
}

}  // namespace longwire::middle
