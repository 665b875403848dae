// A node of another storage, at an address where one of this storage was expected.

#include <gtest/gtest.h>

#include "middle/cluster/cluster_peers.h"
#include "tests/support/fake_service.h"
#include "tests/unit/middle_cluster/cluster_world.h"

namespace longwire::middle::cluster {
namespace {

// Claims all of its partitions, later than anybody else.
class ForeignTier final : public MiddleTier {
 public:
  ForeignTier(Executor& executor, const Clock& clock) : fake_(executor, clock) {}

  void start(Callback<void> done) override { done({}); }
  void stop(Callback<void> done) override { done({}); }
  MiddleLink connect(Executor&, NodeId, FrontEnd*) override { return {}; }
  NodeLink connect_node(Executor& loop, NodeId, NodeEnd end) override {
    OwnerView view;
    for (PartitionId partition = 0; partition < kForeignPartitions; ++partition)
      view.claims.push_back({.partition = partition, .since = 1'000'000, .served = true});
    loop.post([told = end.owners, view] { told(view); });
    ++greetings;
    NodeLink link;
    link.service = test::make_fake_service(fake_);
    return link;
  }
  static constexpr std::uint16_t kForeignPartitions = ClusterWorld::kPartitions / 2;
  int greetings = 0;

 private:
  test::FakeMiddle fake_;
};

class ForeignNodeTest : public ClusterWorld {
 protected:
  ForeignNodeTest() { network.open("foreign", foreign, ForeignTier::kForeignPartitions); }
  ~ForeignNodeTest() override {
    for (auto& front_end : front_ends) front_end->link = {};
    network.close("foreign");
  }
  ForeignTier foreign{executor, clock};
};

TEST_F(ForeignNodeTest, A_front_end_that_meets_it_asks_the_owners_it_knows) {
  start_all({"a"});
  TestFrontEnd& front_end = new_front_end_of({"a", "foreign"});
  executor.advance(std::chrono::seconds(1));
  ASSERT_EQ(foreign.greetings, 1);
  const MonotonicTime before = clock.monotonic();
  make_app(front_end);
  for (int i = 0; i < kPartitions; ++i) new_device(front_end);
  EXPECT_LT(clock.monotonic() - before, std::chrono::seconds(1));
}

TEST_F(ForeignNodeTest, A_node_that_meets_it_keeps_what_it_owns) {
  std::vector<PartitionId> overtaken;
  ClusterPeers peers(environment, {.self = "a",
                                   .dialer = network,
                                   .partitions = kPartitions,
                                   .overtaken = [&](PartitionId id) { overtaken.push_back(id); }});
  peers.claim({.partition = 3, .since = 69, .served = true});
  peers.set_members({"a", "foreign"});
  executor.advance(std::chrono::seconds(1));
  ASSERT_EQ(foreign.greetings, 1);
  EXPECT_EQ(overtaken, std::vector<PartitionId>());
}

}  // namespace
}  // namespace longwire::middle::cluster
