#include "middle/cluster/node_links.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "middle/remote/methods.h"
#include "middle/remote/remote_service.h"

namespace longwire::middle::cluster {

using remote::Channel;
using remote::IncomingMessage;
using remote::OutgoingMessage;

// One connection, from its dialling to its end.
class NodeLinks::Connection final : public DialListener, public remote::ChannelHandler {
 public:
  Connection(NodeLinks& links, NodeAddress address)
      : links_(links), loop_(links.environment_.executor), address_(std::move(address)) {}
  ~Connection() override {
    ended_ = true;
    *alive_ = false;
    loop_.cancel(greeting_timer_);
    loop_.cancel(ping_timer_);
  }

  void open() {
    wire_ = links_.parts_.dialer.dial(address_, *this);
    // Shared: services keep their channel.
    channel_ = std::make_shared<Channel>(loop_, links_.environment_.clock, links_.options_.channel,
                                         *wire_, *this);
    service_ = remote::make_remote_service(channel_);
    peers_ = remote::make_remote_peers(channel_);
    greeting_timer_ = loop_.schedule(links_.options_.greet_within, [this] {
      greeting_timer_ = TimerId::kNone;
      on_hung_up();
    });
    channel_->call(
        remote::kHello,
        [this](OutgoingMessage& message) {
          message.arguments(links_.parts_.self, remote::kVersion, links_.next_turn());
        },
        [this, alive = alive_](Result<IncomingMessage*> answered) {
          if (!*alive || !answered.ok()) return;  // the end follows, or has come
          auto welcome = (*answered)->answer<wire::Welcome>();
          if (!welcome.ok()) return on_hung_up();
          loop_.cancel(greeting_timer_);
          greeted_ = true;
          ping_later();
          links_.greeted(address_, *welcome);
        });
  }

  void on_bytes(BytesView bytes) override {
    heard_ = true;
    if (!channel_->feed(bytes).ok()) on_hung_up();
  }
  // Answers its calls, then goes.
  void on_hung_up() override {
    if (std::exchange(ended_, true)) return;
    links_.hung_up(address_);
  }
  void on_message(IncomingMessage& message) override {
    if (ended_) return;
    if (message.head().name == remote::kOwners) return links_.take_owners(address_, message);
    links_.parts_.listener.on_message(address_, message);
  }

  void end() {
    ended_ = true;
    loop_.cancel(std::exchange(ping_timer_, TimerId::kNone));
    channel_->end();
  }
  void ping_later() {
    ping_timer_ = loop_.schedule(links_.options_.ping_every, [this] {
      ping_timer_ = TimerId::kNone;
      ping();
    });
  }
  void ping() {
    channel_->call(
        remote::kPing, [](OutgoingMessage&) {},
        [this, alive = alive_](Result<IncomingMessage*> answered) {
          if (!*alive || ended_) return;
          // Refused by a channel that is full, it is asked for another sign of life.
          if (!answered.ok() && (answered.error().code == ErrorCode::kDeadlineExceeded || !heard_))
            return on_hung_up();
          heard_ = false;
          ping_later();
        });
  }
  bool greeted() const { return greeted_; }
  Channel& channel() { return *channel_; }
  LinkedNode node() { return {address_, *service_, *peers_, *channel_}; }

 private:
  NodeLinks& links_;  // may be gone once this has ended
  Executor& loop_;
  const NodeAddress address_;
  std::unique_ptr<remote::Wire> wire_;
  std::shared_ptr<Channel> channel_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<PeerService> peers_;
  TimerId greeting_timer_ = TimerId::kNone;
  TimerId ping_timer_ = TimerId::kNone;
  bool greeted_ = false;
  bool heard_ = true;  // since the last ping
  bool ended_ = false;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards answers
};

NodeLinks::NodeLinks(const Environment& environment, Parts parts, NodeLinksOptions options)
    : environment_(environment),
      parts_(std::move(parts)),
      options_(options),
      log_(environment.log, "cluster") {}

NodeLinks::~NodeLinks() {
  *alive_ = false;
  for (auto& [address, node] : nodes_) environment_.executor.cancel(node.timer);
}

void NodeLinks::start() {
  for (const NodeAddress& seed : parts_.seeds) want(seed);
}

void NodeLinks::set_members(const NodeAddress& teller, std::vector<NodeAddress> members) {
  for (const NodeAddress& member : members) want(member);
  members_[teller] = std::move(members);
}

bool NodeLinks::wanted(const NodeAddress& address) const {
  const auto has = [&](const std::vector<NodeAddress>& list) {
    return std::find(list.begin(), list.end(), address) != list.end();
  };
  return has(parts_.seeds) || std::any_of(members_.begin(), members_.end(),
                                          [&](const auto& told) { return has(told.second); });
}

// A greeting may be late, and meet a later one there. Above those of an earlier process, too.
std::uint64_t NodeLinks::next_turn() {
  const auto by_clock = static_cast<std::uint64_t>(environment_.clock.now().ms);
  last_turn_ = std::max(last_turn_ + 1, by_clock);
  return last_turn_;
}

void NodeLinks::want(const NodeAddress& address) {
  if (address == parts_.skip || nodes_.contains(address)) return;
  if (nodes_.size() >= options_.nodes_max) {
    return log_.error("too_many_nodes", {{"node", address}, {"nodes_max", options_.nodes_max}});
  }
  nodes_[address];
  dial(address);
}

void NodeLinks::dial(const NodeAddress& address) {
  Node& node = nodes_.at(address);
  node.connection = std::make_unique<Connection>(*this, address);
  node.connection->open();
}

void NodeLinks::greeted(const NodeAddress& address, const wire::Welcome& welcome) {
  Node& node = nodes_.at(address);
  node.pause = std::chrono::milliseconds(0);
  log_.info("node_linked", {{"node", address}});
  parts_.listener.on_link(node.connection->node(), welcome);
}

// The connection is destroyed by a later turn: it is in one of its own calls, and has calls to
// answer first.
void NodeLinks::hung_up(const NodeAddress& address) {
  Node& node = nodes_.at(address);
  const bool was_linked = node.connection->greeted();
  if (was_linked) {
    log_.warn("node_lost", {{"node", address}});
    if (members_.size() > 1) members_.erase(address);  // the last word is kept
    parts_.listener.on_link_lost(address);
  }
  node.connection->end();
  environment_.executor.post([gone = std::shared_ptr<Connection>(std::move(node.connection))] {});
  if (!wanted(address)) {
    nodes_.erase(address);
    return;
  }
  const auto pause = node.pause;
  node.pause = std::clamp(pause * 2, options_.retry_min, options_.retry_max);
  node.timer = environment_.executor.schedule(pause, [this, address] {
    nodes_.at(address).timer = TimerId::kNone;
    if (wanted(address)) return dial(address);
    nodes_.erase(address);
  });
}

void NodeLinks::take_owners(const NodeAddress& address, IncomingMessage& message) {
  remote::take_oneway<OwnerView>(message, [&](const OwnerView& view) {
    const auto alive = alive_;
    parts_.listener.on_owners(address, view);
    if (*alive && !view.members.empty()) set_members(address, view.members);
  });
}

Channel* NodeLinks::channel_to(const NodeAddress& node) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end() || !found->second.connection) return nullptr;
  return found->second.connection->greeted() ? &found->second.connection->channel() : nullptr;
}

std::size_t NodeLinks::linked() const {
  return static_cast<std::size_t>(std::count_if(nodes_.begin(), nodes_.end(), [](const auto& each) {
    return each.second.connection && each.second.connection->greeted();
  }));
}

}  // namespace longwire::middle::cluster
