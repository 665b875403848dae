#pragma once

// PartitionKeeper: takes the partitions that are to be this node's, by the members as it sees them,
// and gives none away by itself: whoever is to own a partition asks its owner for it first, so that
// a planned move has no gap, and an owner that nobody asks goes on serving. Who does not answer in
// time is not waited for: the log decides.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/function.h"
#include "middle/model/ids.h"
#include "middle/route/owner_view.h"

namespace longwire::middle::cluster {

struct KeeperOptions {
  std::chrono::milliseconds asked_within{2'000};  // owners that are asked have given up by then
  // After a partition was lost, or could not be taken: others may see other members. Each time
  // twice as long, until the members change: two that see different ones do not fight.
  std::chrono::milliseconds again_min{1'000};
  std::chrono::milliseconds again_max{32'000};
};

// What the keeper moves. Loop-bound, as the keeper.
class KeptPartitions {
 public:
  virtual ~KeptPartitions() = default;
  // The others give these up, if they have them.
  virtual void ask_for(const std::vector<PartitionId>& partitions, Callback<void> done) = 0;
  virtual void hold(PartitionId partition, Callback<void> done) = 0;
};

// Loop-bound to environment.executor.
class PartitionKeeper final {
 public:
  // All references outlive it.
  PartitionKeeper(const Environment& environment, std::string self, std::uint16_t partitions,
                  KeptPartitions& kept, KeeperOptions options = {});
  ~PartitionKeeper();
  PartitionKeeper(const PartitionKeeper&) = delete;
  PartitionKeeper& operator=(const PartitionKeeper&) = delete;

  void set_members(const std::vector<std::string>& members);
  // One is served here, or not any more.
  void claimed(const PartitionClaim& claim);
  // Takes nothing any more. `done`: nothing is served here, or nobody is there to take it, or
  // `wait` is over.
  void leave(std::chrono::milliseconds wait, Callback<void> done);
  // Once all that are to be served here now are, or could not be taken.
  void when_settled(Callback<void> done);

 private:
  enum class State { kAway, kTaking, kServed };

  void take_wanted();
  void hold(const std::vector<PartitionId>& partitions);
  void again_later();
  void check_settled();
  void check_left();

  Environment environment_;
  const std::string self_;
  KeptPartitions& kept_;
  const KeeperOptions options_;
  Logger log_;
  Gauge& members_;
  std::vector<bool> wanted_;
  std::vector<State> states_;
  bool others_ = false;  // there are members besides this node
  bool leaving_ = false;
  std::chrono::milliseconds again_after_;
  MonotonicTime lost_at_{};
  TimerId again_timer_ = TimerId::kNone;
  TimerId leave_timer_ = TimerId::kNone;
  Callback<void> settled_;
  Callback<void> left_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards answers and posted work
};

}  // namespace longwire::middle::cluster
