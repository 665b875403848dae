#include "middle/cluster/cluster_link.h"

#include <tuple>
#include <utility>

#include "middle/cluster/cluster_service.h"
#include "middle/remote/methods.h"

namespace longwire::middle::cluster {
namespace {

using remote::IncomingMessage;

// The connections, and where their messages go. Loop-bound.
class ClusterNode final : public NodeLinksListener, public InterestSink {
 public:
  ClusterNode(const Environment& environment, ClusterLinkParts parts,
              const NodeLinksOptions& options)
      : log_(environment.log, "cluster"),
        front_end_(parts.front_end),
        owners_(parts.partitions),
        router_(environment, owners_),
        links_(environment,
               {.self = std::move(parts.node),
                .skip = {},
                .seeds = std::move(parts.seeds),
                .dialer = parts.dialer,
                .listener = *this},
               options) {
    links_.start();
  }

  OwnerTable& owners() { return owners_; }
  OwnerRouter<Service>& router() { return router_; }
  // Where streams of feeds go; null: nowhere.
  void set_hub(FollowHubImpl* hub) { hub_ = hub; }

  void on_link(const LinkedNode& node, const wire::Welcome& welcome) override {
    if (welcome.partitions != owners_.partitions())
      return log_.error("node_of_another_storage", {{"node", node.address},
                                                    {"partitions", welcome.partitions},
                                                    {"expected", owners_.partitions()}});
    router_.connected(
        node.address, node.service,
        [&channel = node.channel](const PartitionClaim& claim) { channel.address_next(claim); });
  }
  void on_link_lost(const NodeAddress& node) override {
    owners_.lost(node);
    router_.lost(node);
  }
  void on_owners(const NodeAddress& node, const OwnerView& view) override;
  void on_message(const NodeAddress& node, IncomingMessage& message) override;

  void to_owner(InterestMessage message) override {
    const auto& owner = owners_.of(message.partition);
    remote::Channel* channel = owner ? links_.channel_to(owner->node) : nullptr;
    if (channel != nullptr) channel->oneway(remote::kInterest, message);
  }

 private:
  void tell_front_end(const NodeAddress& node, IncomingMessage& message);
  void take_stanza(const NodeAddress& node, RoutedStanza stanza);

  Logger log_;
  FrontEnd* const front_end_;
  FollowHubImpl* hub_ = nullptr;
  OwnerTable owners_;
  OwnerRouter<Service> router_;
  NodeLinks links_;  // last: its connections answer through the others
};

// One without a face is of another storage: what it owns is none of ours.
void ClusterNode::on_owners(const NodeAddress& node, const OwnerView& view) {
  if (router_.face_of(node) == nullptr) return;
  OwnersChanged changed{std::vector<bool>(owners_.partitions())};
  bool any = false;
  for (const PartitionClaim& claim : view.claims) {
    if (!owners_.take(node, claim)) continue;
    changed.partitions[claim.partition] = any = true;
  }
  if (!any) return;
  if (hub_ != nullptr) hub_->owners_changed(changed.partitions);
  if (front_end_ != nullptr) front_end_->on_owners_changed(changed);
  router_.owners_changed();
}

void ClusterNode::on_message(const NodeAddress& node, IncomingMessage& message) {
  if (message.head().name != remote::kStream) return tell_front_end(node, message);
  if (hub_ == nullptr) return;
  remote::take_oneway<StreamMessage>(message,
                                     [&](StreamMessage m) { hub_->receive(std::move(m)); });
}

// Chat is routed before it is committed: one that was deposed in its sleep routes what others have
// routed long ago. What of it gets into the archive comes by the feed.
void ClusterNode::take_stanza(const NodeAddress& node, RoutedStanza stanza) {
  const auto& owner = owners_.of(partition_of(home_of(stanza.to), owners_.partitions()));
  if (stanza.archived && owner && owner->node != node) return;
  front_end_->on_stanza(std::move(stanza));
}

void ClusterNode::tell_front_end(const NodeAddress& node, IncomingMessage& message) {
  if (front_end_ == nullptr) return;
  const std::string_view name = message.head().name;
  if (name == remote::kStanza) {
    remote::take_oneway<RoutedStanza>(message,
                                      [&](RoutedStanza m) { take_stanza(node, std::move(m)); });
  } else if (name == remote::kSessionClosed) {
    remote::take_oneway<SessionClosed>(
        message, [&](SessionClosed m) { front_end_->on_session_closed(std::move(m)); });
  } else if (name == remote::kReceiverGone) {
    remote::take_oneway<ReceiverGone>(
        message, [&](ReceiverGone m) { front_end_->on_receiver_gone(std::move(m)); });
  } else if (name == remote::kRegistrationChanged) {
    remote::take_oneway<RegistrationChanged>(
        message, [&](RegistrationChanged m) { front_end_->on_registration_changed(std::move(m)); });
  }
}

// The hub, and the node that it speaks through.
class ClusterHub final : public FollowHub {
 public:
  ClusterHub(std::shared_ptr<ClusterNode> node, NodeId id, const Environment& environment,
             FollowHubImpl::Read read, const FollowHubOptions& options)
      : node_(std::move(node)),
        hub_(std::move(id), node_->owners().partitions(), environment, *node_, std::move(read),
             options) {
    node_->set_hub(&hub_);
  }
  ~ClusterHub() override { node_->set_hub(nullptr); }

  SubscriptionId subscribe(FeedId feed, FeedNumber after, FeedListener& listener) override {
    return hub_.subscribe(std::move(feed), after, listener);
  }
  void unsubscribe(SubscriptionId subscription) override { hub_.unsubscribe(subscription); }
  void pause(SubscriptionId subscription) override { hub_.pause(subscription); }
  void resume(SubscriptionId subscription) override { hub_.resume(subscription); }
  bool is_behind(SubscriptionId subscription) const override {
    return hub_.is_behind(subscription);
  }

 private:
  const std::shared_ptr<ClusterNode> node_;
  FollowHubImpl hub_;
};

// Routes, with the node that they are of.
struct NodeRoutes {
  explicit NodeRoutes(std::shared_ptr<ClusterNode> of)
      : node(std::move(of)), routes{node->owners(), node->router()} {}
  const std::shared_ptr<ClusterNode> node;
  ServiceRoutes routes;
};

// Asks until the first answer.
class CountAsker final : public PartitionCount, public NodeLinksListener {
 public:
  CountAsker(const Environment& environment, NodeId node, std::vector<NodeAddress> seeds,
             Dialer& dialer, Callback<std::uint16_t> done)
      : loop_(environment.executor),
        done_(std::move(done)),
        links_(environment, {.self = std::move(node),
                             .skip = {},
                             .seeds = std::move(seeds),
                             .dialer = dialer,
                             .listener = *this}) {
    links_.start();
  }

  // A later turn: the answer may be the end of this.
  void on_link(const LinkedNode&, const wire::Welcome& welcome) override {
    if (!done_) return;
    loop_.post([done = std::exchange(done_, nullptr), count = welcome.partitions]() mutable {
      done(count);
    });
  }
  void on_link_lost(const NodeAddress&) override {}
  void on_owners(const NodeAddress&, const OwnerView&) override {}
  void on_message(const NodeAddress&, IncomingMessage&) override {}

 private:
  Executor& loop_;
  Callback<std::uint16_t> done_;
  NodeLinks links_;
};

}  // namespace

MiddleLink make_cluster_link(const Environment& environment, ClusterLinkParts parts,
                             const NodeLinksOptions& links, const FollowHubOptions& feeds) {
  MiddleLink link;
  link.node = parts.node;
  const auto node = std::make_shared<ClusterNode>(environment, std::move(parts), links);
  const auto routes = std::make_shared<NodeRoutes>(node);
  link.service =
      make_cluster_service({routes, &routes->routes}, environment.clock, environment.random);
  Service* service = link.service.get();  // outlives the hub: see MiddleLink's members
  link.feeds = std::make_unique<ClusterHub>(
      node, link.node, environment,
      [service](ReadRequest request, Callback<FeedPage> done) {
        service->read_feed(std::move(request), std::move(done));
      },
      feeds);
  return link;
}

std::unique_ptr<PartitionCount> ask_partition_count(const Environment& environment, NodeId node,
                                                    std::vector<NodeAddress> seeds, Dialer& dialer,
                                                    Callback<std::uint16_t> done) {
  return std::make_unique<CountAsker>(environment, std::move(node), std::move(seeds), dialer,
                                      std::move(done));
}

}  // namespace longwire::middle::cluster
