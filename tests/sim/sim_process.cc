#include "tests/sim/sim_process.h"

#include <utility>

#include "middle/registry/hot_rows.h"
#include "storage/mirror/mirror.h"
#include "tests/sim/sim_session.h"

namespace longwire::sim {

namespace {

// Null where rows have no mirror.
std::unique_ptr<middle::PartitionStore> make_mirror(SimGround& ground, SimStore& store,
                                                    Executor& executor) {
  if (ground.redis == nullptr) return nullptr;
  return storage::mirror::make_mirror(
      store, std::make_unique<SimRouter>(ground.world, *ground.redis, executor), {},
      middle::is_hot_row, ground.world.environment(executor));
}

}  // namespace

SimFrontEnd::SimFrontEnd(SimGround& ground, middle::NodeId node)
    : ground_(ground), node_(std::move(node)), loop_(ground.world.make_executor()) {}

SimFrontEnd::~SimFrontEnd() {
  disconnect();
  loop_->kill();
  ground_.graveyard.push_back(std::move(loop_));
}

void SimFrontEnd::connect(middle::Middle& middle) { link_ = middle.connect(*loop_, node_, this); }

void SimFrontEnd::disconnect() {
  for (const auto& session : std::exchange(sessions_, {})) session->die();
  for (const auto& [account, user] : std::exchange(users_, {})) user->on_front_end_gone();
  link_.feeds.reset();
  link_.service.reset();
}

void SimFrontEnd::on_stanza(middle::RoutedStanza stanza) {
  auto found = users_.find(stanza.to);
  if (found != users_.end()) found->second->on_stanza(stanza);
}

void SimFrontEnd::on_session_closed(middle::SessionClosed closed) {
  const auto sessions = sessions_;
  for (const auto& session : sessions) session->on_closed(closed);
}

void SimFrontEnd::on_registration_changed(middle::RegistrationChanged changed) {
  const auto sessions = sessions_;
  for (const auto& session : sessions) session->on_changed(changed);
}

SimProcess::SimProcess(SimGround& ground, std::size_t front_ends, const std::string& name)
    : ground_(ground),
      owners_(ground.world.make_executor()),
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
    const middle::NodeId node(name + "-xmpp" + std::to_string(i));
    front_ends_.push_back(std::make_unique<SimFrontEnd>(ground, node));
    front_ends_.back()->connect(*middle_);
  }
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
  front_ends_[index]->connect(*middle_);
}

}  // namespace longwire::sim
