#include "middle/cluster/owner_table.h"

namespace longwire::middle::cluster {

bool OwnerTable::take(const NodeAddress& node, const PartitionClaim& claim) {
  if (claim.partition >= owners_.size()) return false;
  std::optional<Owner>& known = owners_[claim.partition];
  if (!claim.served) {
    if (known && known->node == node) known.reset();
    return false;
  }
  if (known && known->node != node && known->since >= claim.since) return false;
  const Owner owner{node, claim.since};
  if (known == owner) return false;
  known = owner;
  return true;
}

void OwnerTable::refuted(PartitionId partition, const Owner& owner) {
  if (owners_[partition] == owner) owners_[partition].reset();
}

void OwnerTable::lost(const NodeAddress& node) {
  for (std::optional<Owner>& owner : owners_) {
    if (owner && owner->node == node) owner.reset();
  }
}

}  // namespace longwire::middle::cluster
