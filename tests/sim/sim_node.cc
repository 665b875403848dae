#include "tests/sim/sim_node.h"

#include <utility>

#include "tests/sim/sim_process.h"

namespace longwire::sim {

SimNode::SimNode(const SimClusterGround& cluster, const HostName& address, const std::string& life)
    : cluster_(cluster),
      address_(address),
      owners_(cluster.ground.world.make_executor(life)),
      tier_(cluster.ground.world.make_executor(life + " tier")),
      store_(cluster.ground.world, cluster.ground.storage, *owners_),
      mirror_(make_mirror(cluster.ground, store_, *owners_)),
      directory_(cluster.ground.world, *owners_,
                 storage::make_memory_directory(*owners_, cluster.ground.directory)),
      dialer_(cluster.wires.dialer(address, *owners_)),
      membership_(storage::make_memory_membership(*owners_, cluster.members)) {
  SimWorld& world = cluster.ground.world;
  middle::PartitionStore& store = mirror_ ? *mirror_ : store_;
  middle_ = middle::cluster::make_clustered_middle(
      cluster.ground.config, world.environment(*owners_), store, directory_, *owners_,
      {.membership = *membership_,
       .self = {.address = address, .life = life, .version = "1"},
       .dialer = [this](Executor&) -> middle::cluster::Dialer& { return *dialer_; }});
  cluster.wires.open(address, *middle_, world.environment(*tier_));
  middle_->start([this](Status started) {
    serving_ = started.ok();
    failed_ = !serving_;
  });
}

SimNode::~SimNode() {
  owners_->kill();
  tier_->kill();
  cluster_.wires.close(address_, ending_);
  middle_.reset();
  membership_.reset();
  cluster_.ground.graveyard.push_back(std::move(owners_));
  cluster_.ground.graveyard.push_back(std::move(tier_));
}

void SimNode::leave() {
  leaving_ = true;
  middle_->stop([this](const Status&) { left_ = true; });
}

void SimNode::pause() {
  paused_ = true;
  owners_->pause();
  tier_->pause();
}

void SimNode::wake() {
  paused_ = false;
  owners_->resume();
  tier_->resume();
}

}  // namespace longwire::sim
