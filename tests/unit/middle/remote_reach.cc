// Every call, answer and stream is bytes on their way to a node and back.

#include "middle/cluster/cluster_link.h"
#include "tests/support/pipe_network.h"
#include "tests/unit/middle/reach.h"

namespace longwire::middle {
namespace {

constexpr const char* kAddress = "10.0.0.1:5300";

class RemoteReached final : public Reached {
 public:
  RemoteReached(const Environment& environment, std::uint16_t partitions,
                std::unique_ptr<MiddleTier> middle)
      : environment_(environment),
        partitions_(partitions),
        middle_(std::move(middle)),
        network_(environment) {
    network_.open(kAddress, *middle_, partitions);
  }
  ~RemoteReached() override { network_.close(kAddress); }

  void start(Callback<void> done) override { middle_->start(std::move(done)); }
  MiddleLink connect(NodeId node, FrontEnd& front_end) override {
    return cluster::make_cluster_link(environment_, {.node = std::move(node),
                                                     .seeds = {kAddress},
                                                     .dialer = network_,
                                                     .front_end = &front_end,
                                                     .partitions = partitions_});
  }

 private:
  const Environment environment_;
  const std::uint16_t partitions_;
  const std::unique_ptr<MiddleTier> middle_;
  test::PipeNetwork network_;
};

}  // namespace

std::unique_ptr<Reached> reach(const MiddleConfig& config, const Environment& environment,
                               PartitionStore& store, Directory& directory, Executor& keys) {
  return std::make_unique<RemoteReached>(environment, store.info().partitions,
                                         make_middle(config, environment, store, directory, keys));
}

}  // namespace longwire::middle
