#pragma once

// MapKeeper: keeps the map of slots as fresh as its user asks for, by asking one node after the
// other. Private to this folder.

#include <string>

#include "storage/redis/node_set.h"

namespace longwire::storage::redis {

// Told on the loop.
class MapKeeperUser {
 public:
  virtual ~MapKeeperUser() = default;
  // Sends `command` to this node and no other.
  virtual void ask(Node& node, Command command, Callback<Reply> done) = 0;
  // There is a new map, or every node was asked and none gave one.
  virtual void on_map_settled() = 0;
};

// Loop-bound.
class MapKeeper final {
 public:
  // Both outlive it.
  MapKeeper(const NodeParts& parts, NodeSet& nodes, MapKeeperUser& user)
      : parts_(parts), nodes_(nodes), user_(user) {}

  bool is_known() const { return known_; }
  // The map is doubted. Asks for one: now, or when the pause since the last is over and tick() is
  // called. True: one is being asked.
  bool want();
  // As want(), where a wish is still open.
  void tick() {
    if (wanted_) want();
  }
  // Why there is no map.
  const std::string& trouble() const { return trouble_; }

 private:
  void on_reply(const net::Address& asked, Result<Reply> reply);
  Result<SlotMap> read(const net::Address& asked, const Result<Reply>& reply) const;
  void on_failure(const net::Address& asked, const Error& why);
  void pause();

  const NodeParts parts_;
  NodeSet& nodes_;
  MapKeeperUser& user_;
  bool known_ = false;
  bool clustered_ = true;
  bool wanted_ = false;
  bool asking_ = false;
  std::size_t failures_ = 0;  // since the last pause
  MonotonicTime not_before_{0};
  std::string trouble_ = "no node can be reached";
};

}  // namespace longwire::storage::redis
