#pragma once

// NodeTable: the front ends that are connected, and how to speak to them: by posts to their loops.

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/executor.h"
#include "middle/route/owner_view.h"
#include "middle/service.h"

namespace longwire::middle {

// Loop-bound to the partitions' executor.
class NodeTable final {
 public:
  struct Node {
    Executor* loop = nullptr;       // outlives the link
    FrontEnd* front_end = nullptr;  // null: nothing is told
    ToldOwners owners = {};         // empty: of owners neither
    // Ends with the link, on the node's loop; after that nothing reaches the front end.
    std::weak_ptr<bool> alive = {};
    std::uint64_t turn = 0;  // as NodeEnd::turn
  };
  // In the place of an older link of the node, whose end then removes nothing. False: this is the
  // older one, and came late.
  bool add(const NodeId& node, Node link);
  void remove(const NodeId& node) { nodes_.erase(node); }
  // False: it ended, or was replaced.
  bool has(const NodeId& node, const std::weak_ptr<bool>& link) const;

  // False: the node is not there (any more).
  bool stanza(const NodeId& node, RoutedStanza stanza);
  void closed(const NodeId& node, SessionClosed closed);
  void receiver_gone(const NodeId& node, ReceiverGone gone);
  void registration_changed(const NodeId& node, RegistrationChanged changed);
  void owners(const NodeId& node, OwnerView view);
  void owners_to_all(const OwnerView& view);

 private:
  template <typename Argument>
  bool tell(const NodeId& node, void (FrontEnd::*method)(Argument), Argument argument);

  std::unordered_map<NodeId, Node> nodes_;
};

}  // namespace longwire::middle
