#pragma once

// NodeTable: the front ends that are connected, and how to speak to them: by posts to their loops.

#include <memory>
#include <unordered_map>

#include "base/executor.h"
#include "middle/service.h"

namespace longwire::middle {

// Loop-bound to the partitions' executor.
class NodeTable final {
 public:
  // `alive` ends with the link, on the node's loop; after that nothing reaches the front end.
  void add(NodeId node, Executor& loop, FrontEnd* front_end, std::weak_ptr<bool> alive) {
    nodes_.insert_or_assign(std::move(node), Node{&loop, front_end, std::move(alive)});
  }
  void remove(const NodeId& node) { nodes_.erase(node); }

  // False: the node is not there (any more).
  bool stanza(const NodeId& node, RoutedStanza stanza);
  void closed(const NodeId& node, SessionClosed closed);
  void receiver_gone(const NodeId& node, ReceiverGone gone);
  void registration_changed(const NodeId& node, RegistrationChanged changed);

 private:
  struct Node {
    Executor* loop = nullptr;  // outlives the link
    FrontEnd* front_end = nullptr;
    std::weak_ptr<bool> alive;
  };
  template <typename Argument>
  bool tell(const NodeId& node, void (FrontEnd::*method)(Argument), Argument argument);

  std::unordered_map<NodeId, Node> nodes_;
};

}  // namespace longwire::middle
