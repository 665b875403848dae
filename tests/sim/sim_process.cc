#include "tests/sim/sim_process.h"

#include <utility>

#include "middle/registry/hot_rows.h"
#include "storage/mirror/mirror.h"

namespace longwire::sim {

std::unique_ptr<middle::PartitionStore> make_mirror(SimGround& ground, SimStore& store,
                                                    Executor& executor) {
  if (ground.redis == nullptr) return nullptr;
  return storage::mirror::make_mirror(
      store, std::make_unique<SimRouter>(ground.world, *ground.redis, executor), {},
      middle::is_hot_row, ground.world.environment(executor));
}

SimProcess::SimProcess(SimGround& ground, std::size_t front_ends, const std::string& name)
    : ground_(ground),
      owners_(ground.world.make_executor(name)),
      http_loop_(ground.world.make_executor()),
      store_(ground.world, ground.storage, *owners_),
      mirror_(make_mirror(ground, store_, *owners_)),
      directory_(ground.world, *owners_,
                 storage::make_memory_directory(*owners_, ground.directory)) {
  middle::PartitionStore& store = mirror_ ? *mirror_ : store_;
  middle_ = middle::make_core_middle(
      ground.config, ground.world.environment(*owners_),
      {.store = store, .directory = directory_, .keys = *owners_, .carrier = &ground.network});
  middle_->start([this](Status started) {
    serving_ = started.ok();
    failed_ = !serving_;
  });
  http_ = middle_->connect(*http_loop_, middle::NodeId(name + "-http"), nullptr);
  for (std::size_t i = 0; i < front_ends; ++i) {
    const std::string node = name + "-xmpp" + std::to_string(i);
    front_ends_.push_back(std::make_unique<SimFrontEnd>(ground, node));
    connect(*front_ends_.back(), middle::NodeId(node));
  }
}

void SimProcess::connect(SimFrontEnd& front_end, const middle::NodeId& node) {
  front_end.connect(node, [this](Executor& loop, middle::NodeId id, middle::FrontEnd* end) {
    return middle_->connect(loop, std::move(id), end);
  });
}

SimProcess::~SimProcess() {
  owners_->kill();
  http_loop_->kill();
  front_ends_.clear();
  http_.service.reset();
  middle_.reset();
  ground_.graveyard.push_back(std::move(owners_));
  ground_.graveyard.push_back(std::move(http_loop_));
}

void SimProcess::restart_front_end(std::size_t index) {
  front_ends_[index]->disconnect();
  connect(*front_ends_[index], front_ends_[index]->node());
}

}  // namespace longwire::sim
