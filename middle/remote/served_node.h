#pragma once

// ServedNode: what lies behind the connections to a node.

#include <cstdint>

#include "middle/middle.h"
#include "middle/remote/report_board.h"

namespace longwire::middle::remote {

// All of it outlives the connections.
struct ServedNode {
  MiddleTier& middle;
  std::uint16_t partitions = 0;  // of the storage
  ReportBoard& reports;
};

}  // namespace longwire::middle::remote
