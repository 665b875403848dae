#pragma once

// OwnerTable: which middle node owns which partition, as the owners say themselves.

#include <optional>
#include <string>
#include <vector>

#include "middle/route/owner_view.h"

namespace longwire::middle::cluster {

// A middle node by its address; empty: this process.
using NodeAddress = std::string;

struct Owner {
  NodeAddress node;
  Position since = 0;
  bool operator==(const Owner&) const = default;
};

// Loop-bound.
class OwnerTable final {
 public:
  explicit OwnerTable(std::uint16_t partitions) : owners_(partitions) {}

  std::uint16_t partitions() const { return static_cast<std::uint16_t>(owners_.size()); }
  const std::optional<Owner>& of(PartitionId partition) const { return owners_[partition]; }

  // True: its owner is another one now, or the same anew. Of two that claim a partition, the one
  // that took it over later has it.
  bool take(const NodeAddress& node, const PartitionClaim& claim);
  // It said that it is not the owner.
  void refuted(PartitionId partition, const Owner& owner);
  void lost(const NodeAddress& node);

 private:
  std::vector<std::optional<Owner>> owners_;
};

}  // namespace longwire::middle::cluster
