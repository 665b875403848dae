#pragma once

// NodeLinks: the connections of one loop to all middle nodes, those that it was told of at first
// and those that they tell of. What breaks is made anew, with pauses.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "middle/cluster/dialer.h"
#include "middle/peer_service.h"
#include "middle/remote/channel.h"
#include "middle/wire/fields.h"

namespace longwire::middle::cluster {

struct NodeLinksOptions {
  remote::ChannelLimits channel{.wire = {}, .call_timeout = std::chrono::milliseconds(10'000)};
  std::chrono::milliseconds greet_within{3'000};
  // A node that does not answer within the time of a call is hung up on.
  std::chrono::milliseconds ping_every{5'000};
  std::chrono::milliseconds retry_min{100};
  std::chrono::milliseconds retry_max{2'000};
  std::size_t nodes_max = 64;
};

// A node that answers. Good until on_link_lost.
struct LinkedNode {
  NodeAddress address;
  Service& service;
  PeerService& peers;
  remote::Channel& channel;
};

// Loop-bound.
class NodeLinksListener {
 public:
  virtual ~NodeLinksListener() = default;
  virtual void on_link(const LinkedNode& node, const wire::Welcome& welcome) = 0;
  // The answers to calls on their way follow by later turns.
  virtual void on_link_lost(const NodeAddress& node) = 0;
  virtual void on_owners(const NodeAddress& node, const OwnerView& view) = 0;
  // A oneway of another kind; the message holds until the call returns.
  virtual void on_message(const NodeAddress& node, remote::IncomingMessage& message) = 0;
};

// Loop-bound to environment.executor.
class NodeLinks final {
 public:
  // All references outlive it. `self`: how this end is called; `skip`: the address of this node
  // itself, which is not dialled, or empty.
  struct Parts {
    NodeId self;
    NodeAddress skip;
    std::vector<NodeAddress> seeds;
    Dialer& dialer;
    NodeLinksListener& listener;
  };
  NodeLinks(const Environment& environment, Parts parts, NodeLinksOptions options = {});
  ~NodeLinks();
  NodeLinks(const NodeLinks&) = delete;
  NodeLinks& operator=(const NodeLinks&) = delete;

  void start();
  // All that there are now, as `teller` says, besides the seeds. What nobody tells of any more is
  // dialled no more, once it is lost.
  void set_members(const NodeAddress& teller, std::vector<NodeAddress> members);
  // Null: not linked now.
  remote::Channel* channel_to(const NodeAddress& node);
  std::size_t linked() const;

 private:
  class Connection;
  struct Node {
    std::unique_ptr<Connection> connection;  // null: to be dialled at its time
    std::chrono::milliseconds pause{0};
    TimerId timer = TimerId::kNone;
  };

  void want(const NodeAddress& address);
  void dial(const NodeAddress& address);
  void hung_up(const NodeAddress& address);
  void greeted(const NodeAddress& address, const wire::Welcome& welcome);
  void take_owners(const NodeAddress& address, remote::IncomingMessage& message);
  bool wanted(const NodeAddress& address) const;
  std::uint64_t next_turn();

  Environment environment_;
  Parts parts_;
  const NodeLinksOptions options_;
  Logger log_;
  std::map<NodeAddress, std::vector<NodeAddress>> members_;  // by teller
  std::uint64_t last_turn_ = 0;
  std::map<NodeAddress, Node> nodes_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards posted work
};

}  // namespace longwire::middle::cluster
