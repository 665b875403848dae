#include "middle/core/node_table.h"

#include <utility>

namespace longwire::middle {

bool NodeTable::add(const NodeId& node, Node link) {
  const auto known = nodes_.find(node);
  if (known != nodes_.end() && known->second.turn > link.turn) return false;
  nodes_.insert_or_assign(node, std::move(link));
  return true;
}

bool NodeTable::has(const NodeId& node, const std::weak_ptr<bool>& link) const {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return false;
  const auto& known = found->second.alive;
  return !known.owner_before(link) && !link.owner_before(known);
}

void NodeTable::owners(const NodeId& node, OwnerView view) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end() || !found->second.owners) return;
  const Node& link = found->second;
  link.loop->post([told = link.owners, alive = link.alive, v = std::move(view)]() mutable {
    if (!alive.expired()) told(std::move(v));
  });
}

void NodeTable::owners_to_all(const OwnerView& view) {
  for (const auto& [node, link] : nodes_) owners(node, view);
}

template <typename Argument>
bool NodeTable::tell(const NodeId& node, void (FrontEnd::*method)(Argument), Argument argument) {
  auto found = nodes_.find(node);
  if (found == nodes_.end() || found->second.front_end == nullptr) return false;
  found->second.loop->post([front_end = found->second.front_end, alive = found->second.alive,
                            method, a = std::move(argument)]() mutable {
    if (!alive.expired()) (front_end->*method)(std::move(a));
  });
  return true;
}

bool NodeTable::stanza(const NodeId& node, RoutedStanza stanza) {
  return tell(node, &FrontEnd::on_stanza, std::move(stanza));
}
void NodeTable::closed(const NodeId& node, SessionClosed closed) {
  tell(node, &FrontEnd::on_session_closed, std::move(closed));
}
void NodeTable::receiver_gone(const NodeId& node, ReceiverGone gone) {
  tell(node, &FrontEnd::on_receiver_gone, std::move(gone));
}
void NodeTable::registration_changed(const NodeId& node, RegistrationChanged changed) {
  tell(node, &FrontEnd::on_registration_changed, std::move(changed));
}

}  // namespace longwire::middle
