#include "storage/redis/node_set.h"

#include <algorithm>

#include "storage/redis/node_address.h"

namespace longwire::storage::redis {

NodeSet::NodeSet(const std::vector<net::Address>& seeds, const NodeParts& parts)
    : parts_(parts), owners_(kSlots, nullptr) {
  for (const net::Address& seed : seeds) member_at(seed)->is_seed = true;
}

NodeSet::Member* NodeSet::member_at(const net::Address& address) {
  for (Member& member : nodes_) {
    if (same_address(member.node->address(), address)) return &member;
  }
  // Beyond what a map may name, for nodes that left it and are not pruned yet.
  if (nodes_.size() >= 2 * SlotMap::kNodesMax) return nullptr;
  nodes_.push_back({.node = std::make_unique<Node>(address, parts_)});
  return &nodes_.back();
}

Node* NodeSet::at(const net::Address& address) {
  Member* const member = member_at(address);
  return member == nullptr ? nullptr : member->node.get();
}

Node* NodeSet::any_owner() {
  for (std::size_t i = 0; i < some_owners_.size(); ++i) {
    Node* node = some_owners_[++next_owner_ % some_owners_.size()];
    if (node->pause_left().count() == 0) return node;
  }
  return nullptr;
}

Node* NodeSet::any_node() {
  Node* reachable = nullptr;
  const std::size_t first = ++next_node_;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node* node = nodes_[(first + i) % nodes_.size()].node.get();
    if (node->is_up()) return node;
    if (reachable == nullptr && node->pause_left().count() == 0) reachable = node;
  }
  return reachable;
}

void NodeSet::install(const SlotMap& map) {
  for (Member& member : nodes_) member.is_mapped = false;
  std::vector<Node*> by_index;
  for (const net::Address& address : map.nodes) {
    Member* const member = member_at(address);
    if (member != nullptr) member->is_mapped = true;
    by_index.push_back(member == nullptr ? nullptr : member->node.get());
  }
  some_owners_.clear();
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const auto index = map.owners[slot];
    Node* node = index == SlotMap::kNobody ? nullptr : by_index[index];
    owners_[slot] = node;
    if (node == nullptr || (slot > 0 && owners_[slot - 1] == node)) continue;
    if (std::find(some_owners_.begin(), some_owners_.end(), node) == some_owners_.end()) {
      some_owners_.push_back(node);
    }
  }
}

void NodeSet::flush() {
  // By index: a write that fails may bring nodes that were not there.
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].node->flush();
}

void NodeSet::check() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].node->check();
}

void NodeSet::close(const Error& why) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].node->end(why);
}

bool NodeSet::owns_a_slot(const Node& node) const {
  return std::find(owners_.begin(), owners_.end(), &node) != owners_.end();
}

void NodeSet::prune() {
  const auto is_over = [this](const Member& member) {
    if (member.is_seed || member.is_mapped || !member.node->is_idle()) return false;
    // A slot may have moved to it since the last map.
    return !owns_a_slot(*member.node);
  };
  // Closed first, all of them: the end of a connection is told, and the vector must be whole then.
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (is_over(nodes_[i])) nodes_[i].node->close({ErrorCode::kUnavailable, "left the cluster"});
  }
  std::erase_if(nodes_, [&is_over](const Member& member) {
    return is_over(member) && member.node->is_closed();
  });
}

}  // namespace longwire::storage::redis
