#pragma once

// SimRedis: a Redis that does all that a cache may: answers late or not at all (the command may be
// done, may be done later, or never), forgets keys, loses everything, comes back from a snapshot of
// the past. The data is apart (SimRedis), so that a crash of the middle leaves it.
//
// It knows the commands of the mirror alone, its scripts by their text.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/redis/router.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

// What is stored. Loop-bound to the simulation.
class SimRedis final {
 public:
  explicit SimRedis(SimWorld& world) : world_(world) {}

  // Chances per command.
  struct Faults {
    double refused = 0;      // not done: kUnavailable
    double answer_lost = 0;  // done; kUnknownOutcome
    double zombie = 0;       // kUnknownOutcome is answered first, then it is done
    double slow = 0;         // it, and all behind it, up to 400 ms
    double late = 0;         // done, and answered up to 400 ms later
    double overtaken = 0;    // done after what was sent behind it, as where a slot moves
    double evicted = 0;      // a key is forgotten
    double snapshot = 0;     // is taken
    double gone_back = 0;    // to the last snapshot, as after a restart or a failover
    double wiped = 0;
  };
  void set_faults(const Faults& faults) { faults_ = faults; }
  // Scripts write whatever the seal says: what a mirror without seals would leave.
  void plant_ignored_seals() { ignores_seals_ = true; }

 private:
  friend class SimRouter;
  using Words = std::vector<std::string>;

  storage::redis::Reply execute(const storage::redis::Command& command);
  storage::redis::Reply begin(const Words& words);
  storage::redis::Reply write(const Words& words);
  storage::redis::Reply read(const Words& words) const;
  void suffer();

  SimWorld& world_;
  Faults faults_;
  bool ignores_seals_ = false;
  std::map<std::string, std::string> keys_;
  std::map<std::string, std::string> snapshot_;
};

// One process' access. Loop-bound to the simulation; all that it is given outlives it and whatever
// is under way.
class SimRouter final : public storage::redis::Router {
 public:
  SimRouter(SimWorld& world, SimRedis& redis, Executor& executor)
      : world_(world), redis_(redis), executor_(executor) {}
  void send(storage::redis::Command command, Callback<storage::redis::Reply> done) override;

 private:
  SimWorld& world_;
  SimRedis& redis_;
  Executor& executor_;
  std::chrono::milliseconds done_until_{0};  // commands of a connection are done one by one
};

}  // namespace longwire::sim
