#pragma once

// What a middle node says of itself to those that are connected to it: which partitions it owns. A
// claim is as good as its takeover record: of two nodes, the one that took over later owns.

#include <string>
#include <vector>

#include "middle/model/ids.h"
#include "middle/ports/partition_store.h"

namespace longwire::middle {

struct PartitionClaim {
  PartitionId partition = 0;
  Position since = 0;   // of its takeover record
  bool served = false;  // false: not any more
};

struct OwnerView {
  std::vector<PartitionClaim> claims;  // those that changed
  std::vector<std::string> members;    // addresses of all middle nodes; empty: as they were
  bool leaving = false;                // it is about to end: others are to take what it has
};

// Told, in order, on the loop of whoever is connected.
using ToldOwners = std::function<void(OwnerView)>;

}  // namespace longwire::middle
