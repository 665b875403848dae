#include "middle/cluster/partition_keeper.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "middle/cluster/assignment.h"

namespace longwire::middle::cluster {

PartitionKeeper::PartitionKeeper(const Environment& environment, std::string self,
                                 std::uint16_t partitions, KeptPartitions& kept,
                                 KeeperOptions options)
    : environment_(environment),
      self_(std::move(self)),
      kept_(kept),
      options_(options),
      log_(environment.log, "cluster"),
      members_(environment.metrics.gauge("longwire_cluster_members",
                                         "Middle nodes that are alive, as this one sees them.")),
      wanted_(partitions),
      states_(partitions, State::kAway),
      again_after_(options.again_min) {}

PartitionKeeper::~PartitionKeeper() {
  *alive_ = false;
  environment_.executor.cancel(again_timer_);
  environment_.executor.cancel(leave_timer_);
}

void PartitionKeeper::set_members(const std::vector<std::string>& members) {
  const auto owners = assign(members, static_cast<std::uint16_t>(wanted_.size()));
  std::fill(wanted_.begin(), wanted_.end(), false);
  for (std::size_t partition = 0; partition < owners.size(); ++partition)
    wanted_[partition] = members[owners[partition]] == self_;
  others_ = std::any_of(members.begin(), members.end(),
                        [this](const std::string& member) { return member != self_; });
  members_.set(static_cast<std::int64_t>(members.size()));
  log_.info("members", {{"count", members.size()},
                        {"wanted", std::count(wanted_.begin(), wanted_.end(), true)}});
  again_after_ = options_.again_min;
  take_wanted();
  check_left();
}

void PartitionKeeper::take_wanted() {
  if (leaving_) return;
  std::vector<PartitionId> taken;
  for (std::size_t partition = 0; partition < states_.size(); ++partition) {
    if (!wanted_[partition] || states_[partition] != State::kAway) continue;
    states_[partition] = State::kTaking;
    taken.push_back(static_cast<PartitionId>(partition));
  }
  if (taken.empty()) return check_settled();
  // Whichever is first: their owners have given them up, or their time is over.
  const auto go = std::make_shared<UniqueFunction<void()>>([this, alive = alive_, taken] {
    if (*alive) hold(taken);
  });
  const auto once = [go] {
    if (*go) std::exchange(*go, nullptr)();
  };
  kept_.ask_for(taken, [once](const Status&) { once(); });
  environment_.executor.schedule(options_.asked_within, once);
}

void PartitionKeeper::hold(const std::vector<PartitionId>& partitions) {
  for (const PartitionId partition : partitions) {
    if (states_[partition] != State::kTaking) continue;
    if (!wanted_[partition] || leaving_) {
      states_[partition] = State::kAway;
      continue;
    }
    kept_.hold(partition, [this, alive = alive_, partition](const Status& held) {
      if (!*alive || held.ok()) return;
      if (states_[partition] == State::kTaking) states_[partition] = State::kAway;
      again_later();
      check_settled();
    });
  }
  check_settled();
}

void PartitionKeeper::claimed(const PartitionClaim& claim) {
  states_[claim.partition] = claim.served ? State::kServed : State::kAway;
  if (!claim.served && wanted_[claim.partition]) again_later();
  check_settled();
  check_left();
}

void PartitionKeeper::again_later() {
  if (again_timer_ != TimerId::kNone) return;
  const MonotonicTime now = environment_.clock.monotonic();
  if (now - lost_at_ > 2 * options_.again_max) again_after_ = options_.again_min;
  lost_at_ = now;
  again_timer_ = environment_.executor.schedule(again_after_, [this] {
    again_timer_ = TimerId::kNone;
    take_wanted();
  });
  again_after_ = std::min(again_after_ * 2, options_.again_max);
}

void PartitionKeeper::when_settled(Callback<void> done) {
  settled_ = std::move(done);
  check_settled();
}

void PartitionKeeper::check_settled() {
  const bool taking = std::find(states_.begin(), states_.end(), State::kTaking) != states_.end();
  if (taking || !settled_) return;
  environment_.executor.post([done = std::exchange(settled_, nullptr)]() mutable { done({}); });
}

void PartitionKeeper::leave(std::chrono::milliseconds wait, Callback<void> done) {
  leaving_ = true;
  left_ = std::move(done);
  leave_timer_ = environment_.executor.schedule(wait, [this] {
    leave_timer_ = TimerId::kNone;
    if (left_) std::exchange(left_, nullptr)({});
  });
  check_left();
}

void PartitionKeeper::check_left() {
  if (!leaving_ || !left_) return;
  const bool serves = std::find(states_.begin(), states_.end(), State::kServed) != states_.end();
  if (serves && others_) return;
  environment_.executor.cancel(std::exchange(leave_timer_, TimerId::kNone));
  environment_.executor.post([done = std::exchange(left_, nullptr)]() mutable { done({}); });
}

}  // namespace longwire::middle::cluster
