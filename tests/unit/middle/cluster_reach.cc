// Three nodes share the partitions: most of what concerns two of them concerns two nodes.

#include <memory>
#include <string>
#include <vector>

#include "middle/cluster/clustered_middle.h"
#include "middle/core/gather.h"
#include "storage/memory/memory_membership.h"
#include "tests/support/pipe_network.h"
#include "tests/unit/middle/reach.h"

namespace longwire::middle {
namespace {

class ClusterReached final : public Reached {
 public:
  ClusterReached(const MiddleConfig& config, const Environment& environment, PartitionStore& store,
                 Directory& directory, Executor& keys)
      : environment_(environment), partitions_(store.info().partitions), network_(environment) {
    for (const char* address : {"10.0.0.1:5300", "10.0.0.2:5300", "10.0.0.3:5300"}) {
      addresses_.emplace_back(address);
      memberships_.push_back(storage::make_memory_membership(environment.executor, members_));
      nodes_.push_back(cluster::make_clustered_middle(
          config, environment, store, directory, keys,
          {.membership = *memberships_.back(),
           .self = {.address = address, .life = std::string("life-of-") + address, .version = "1"},
           .dialer = [this](Executor&) -> cluster::Dialer& { return network_; }}));
      network_.open(address, *nodes_.back(), partitions_);
    }
  }
  ~ClusterReached() override {
    for (const std::string& address : addresses_) network_.close(address);
  }

  // Until new owners wait no more for the sessions of front ends.
  void start(Callback<void> done) override {
    auto all =
        Gather<bool>::make([this, d = std::move(done)](Result<std::vector<bool>> each) mutable {
          Status started = each ? Status() : Status(each.error());
          environment_.executor.schedule(
              std::chrono::seconds(1),
              [s = std::move(started), d = std::move(d)]() mutable { d(std::move(s)); });
        });
    for (auto& node : nodes_) {
      node->start([answer = all->ask()](Status started) mutable {
        if (!started) return answer(started.error());
        answer(true);
      });
    }
    all->close();
  }
  MiddleLink connect(NodeId node, FrontEnd& front_end) override {
    return cluster::make_cluster_link(environment_, {.node = std::move(node),
                                                     .seeds = {addresses_.front()},
                                                     .dialer = network_,
                                                     .front_end = &front_end,
                                                     .partitions = partitions_});
  }

 private:
  const Environment environment_;
  const std::uint16_t partitions_;
  test::PipeNetwork network_;
  const std::shared_ptr<storage::InMemoryMembers> members_ =
      std::make_shared<storage::InMemoryMembers>();
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<Membership>> memberships_;
  std::vector<std::unique_ptr<MiddleTier>> nodes_;
};

}  // namespace

std::unique_ptr<Reached> reach(const MiddleConfig& config, const Environment& environment,
                               PartitionStore& store, Directory& directory, Executor& keys) {
  return std::make_unique<ClusterReached>(config, environment, store, directory, keys);
}

}  // namespace longwire::middle
