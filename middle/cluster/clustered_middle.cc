#include "middle/cluster/clustered_middle.h"

#include <utility>
#include <vector>

#include "middle/cluster/cluster_peers.h"
#include "middle/local_middle.h"

namespace longwire::middle::cluster {
namespace {

std::vector<NodeAddress> addresses_of(const Members& members) {
  std::vector<NodeAddress> addresses;
  for (const Member& member : members) addresses.push_back(member.address);
  return addresses;
}

// Everything but connect() on environment.executor.
class ClusteredMiddle final : public MiddleTier, private OwnershipListener, private KeptPartitions {
 public:
  ClusteredMiddle(const MiddleConfig& config, Environment environment,
                  const CoreMiddleParts& stores, ClusterParts parts)
      : environment_(environment),
        parts_(std::move(parts)),
        partitions_(stores.store.info().partitions),
        peers_(environment,
               {.self = parts_.self.address,
                .dialer = parts_.dialer(environment.executor),
                .partitions = partitions_,
                .overtaken = [this](PartitionId id) { core().give_up(id, [](const Status&) {}); }},
               parts_.options.links),
        cluster_{peers_, *this},
        middle_(make_core_middle(config, environment,
                                 {.store = stores.store,
                                  .directory = stores.directory,
                                  .keys = stores.keys,
                                  .carrier = stores.carrier,
                                  .cluster = &cluster_})),
        keeper_(environment, parts_.self.address, partitions_, *this, parts_.options.keeper) {
    peers_.set_local(core().local_peer());
  }
  ~ClusteredMiddle() override { *alive_ = false; }

  void start(Callback<void> done) override {
    middle_->start([this, d = std::move(done)](Status started) mutable {
      if (!started) return d(std::move(started));
      join(std::move(d));
    });
  }
  MiddleLink connect(Executor& loop, NodeId node, FrontEnd* front_end) override {
    const Environment at_loop{loop, environment_.clock, environment_.random, environment_.log,
                              environment_.metrics};
    return make_cluster_link(at_loop,
                             {.node = NodeId(parts_.self.life + "/" + node.value()),
                              .seeds = {parts_.self.address},
                              .dialer = parts_.dialer(loop),
                              .front_end = front_end,
                              .partitions = partitions_},
                             parts_.options.links);
  }
  NodeLink connect_node(Executor& loop, NodeId node, NodeEnd end) override {
    return middle_->connect_node(loop, std::move(node), std::move(end));
  }
  // Leaves first: the others come for what is here, one partition after the other.
  void stop(Callback<void> done) override {
    if (!joined_) return middle_->stop(std::move(done));
    core().say_leaving();
    parts_.membership.leave([this, alive = alive_, d = std::move(done)](const Status&) mutable {
      environment_.executor.post([this, alive, d = std::move(d)]() mutable {
        if (!*alive) return;
        keeper_.leave(parts_.options.leave_within, [this, d = std::move(d)](const Status&) mutable {
          middle_->stop(std::move(d));
        });
      });
    });
  }

 private:
  Core& core() { return middle_->core(); }

  void join(Callback<void> done) {
    auto told = [this, alive = alive_](const Members& members) {
      environment_.executor.post([this, alive, addresses = addresses_of(members)] {
        if (*alive) set_members(addresses);
      });
    };
    auto joined = [this, alive = alive_, d = std::move(done)](Status status) mutable {
      environment_.executor.post([this, alive, s = std::move(status), d = std::move(d)]() mutable {
        if (!*alive) return;
        if (!s.ok()) return d(std::move(s));
        serves_when_told_ = std::move(d);
        settle();
      });
    };
    joined_ = true;
    parts_.membership.start(std::make_unique<Member>(parts_.self), std::move(told),
                            std::move(joined));
  }

  void set_members(const std::vector<NodeAddress>& addresses) {
    peers_.set_members(addresses);
    core().set_members(addresses);
    keeper_.set_members(addresses);
    told_ = true;
    settle();
  }
  // Joined, and told of the members: what is to be served is known.
  void settle() {
    if (!told_ || !serves_when_told_) return;
    keeper_.when_settled(std::exchange(serves_when_told_, nullptr));
  }

  void on_claim(const PartitionClaim& claim) override {
    peers_.claim(claim);
    keeper_.claimed(claim);
  }
  void ask_for(const std::vector<PartitionId>& partitions, Callback<void> done) override {
    peers_.ask_for(partitions, std::move(done));
  }
  void hold(PartitionId partition, Callback<void> done) override {
    core().hold(partition, std::move(done));
  }

  Environment environment_;
  const ClusterParts parts_;
  const std::uint16_t partitions_;
  ClusterPeers peers_;
  const CoreCluster cluster_;
  std::unique_ptr<CoreMiddle> middle_;
  PartitionKeeper keeper_;
  Callback<void> serves_when_told_;
  bool told_ = false;
  bool joined_ = false;                                         // or is about to
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards what others post
};

}  // namespace

std::unique_ptr<MiddleTier> make_clustered_middle(const MiddleConfig& config,
                                                  Environment environment, PartitionStore& store,
                                                  Directory& directory, Executor& keys,
                                                  ClusterParts parts) {
  return std::make_unique<ClusteredMiddle>(
      config, environment, CoreMiddleParts{.store = store, .directory = directory, .keys = keys},
      std::move(parts));
}

}  // namespace longwire::middle::cluster
