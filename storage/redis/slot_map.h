#pragma once

// SlotMap: which node serves which slot, as CLUSTER SLOTS tells. Private to this folder.

#include <cstdint>
#include <vector>

#include "base/net/address.h"
#include "base/result.h"
#include "storage/redis/reply.h"
#include "storage/redis/slot.h"

namespace longwire::storage::redis {

// A value.
struct SlotMap {
  static constexpr std::uint16_t kNobody = 0xFFFF;
  static constexpr std::size_t kNodesMax = 2000;

  std::vector<net::Address> nodes;  // masters and replicas, each once
  // By slot, an index into `nodes`: its master, or kNobody.
  std::vector<std::uint16_t> owners = std::vector<std::uint16_t>(kSlots, kNobody);
  bool clustered = true;
};

// All slots with one node: a server without cluster support.
SlotMap single_node_map(const net::Address& node);

// Of the reply of `asked`, which is meant where an address has no host. Names of hosts are taken
// only where the server gives the numbers too: nothing here may block on a resolver. kUnsupported:
// the server is no part of a cluster. kUnavailable: it refused. kCorrupt: the reply makes no sense.
Result<SlotMap> parse_slot_map(const Reply& reply, const net::Address& asked);

}  // namespace longwire::storage::redis
