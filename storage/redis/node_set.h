#pragma once

// NodeSet: the nodes that are known, and which of them serves which slot. Private to this folder.

#include <memory>
#include <vector>

#include "storage/redis/node.h"
#include "storage/redis/slot_map.h"

namespace longwire::storage::redis {

// Loop-bound.
class NodeSet final {
 public:
  // The seeds are what the configuration names: they stay, in the map or not.
  NodeSet(const std::vector<net::Address>& seeds, const NodeParts& parts);

  // The node at this address, made where it is new. Null: there are too many.
  Node* at(const net::Address& address);
  // Null: nobody serves the slot.
  Node* owner(std::uint16_t slot) const { return owners_[slot]; }
  void set_owner(std::uint16_t slot, Node& node) { owners_[slot] = &node; }
  // One that serves slots and can be sent to, each in turn; null: there is none.
  Node* any_owner();
  // One that can be asked for a map: rather one that is up, each in turn; null: there is none.
  Node* any_node();

  void install(const SlotMap& map);

  std::size_t size() const { return nodes_.size(); }
  void flush();
  void check();
  void close(const Error& why);
  // Forgets nodes that left the cluster and have no calls.
  void prune();

 private:
  struct Member {
    std::unique_ptr<Node> node;
    bool is_seed = false;
    bool is_mapped = false;
  };
  // Good until the next new node.
  Member* member_at(const net::Address& address);
  bool owns_a_slot(const Node& node) const;

  const NodeParts parts_;
  std::vector<Member> nodes_;
  std::vector<Node*> owners_;       // by slot
  std::vector<Node*> some_owners_;  // each once, as of the last map
  std::size_t next_owner_ = 0;
  std::size_t next_node_ = 0;
};

}  // namespace longwire::storage::redis
