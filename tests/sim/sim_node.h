#pragma once

// SimNode: one middle node of a simulated cluster: a life of its process, on threads of its own.

#include <memory>
#include <string>

#include "middle/cluster/clustered_middle.h"
#include "storage/memory/memory_membership.h"
#include "tests/sim/sim_directory.h"
#include "tests/sim/sim_front_end.h"
#include "tests/sim/sim_wires.h"

namespace longwire::sim {

// What nodes share. All of it outlives them.
struct SimClusterGround {
  SimGround& ground;
  SimWires& wires;
  std::shared_ptr<storage::InMemoryMembers> members;
};

// Loop-bound to the simulation.
class SimNode final {
 public:
  SimNode(const SimClusterGround& cluster, const HostName& address, const std::string& life);
  // A crash.
  ~SimNode();

  bool serving() const { return serving_; }
  bool failed() const { return failed_; }  // did not start: an operator starts another
  bool leaving() const { return leaving_; }
  bool left() const { return left_; }
  bool paused() const { return paused_; }
  SimDirectory& directory() { return directory_; }
  middle::MiddleTier& middle() { return *middle_; }

  void leave();
  // As a stopped process: its threads stand still, the world does not.
  void pause();
  void wake();
  // Its connections end with it, sooner or later.
  void ends_by(SimWires::Ending ending) { ending_ = ending; }

 private:
  SimClusterGround cluster_;
  const HostName address_;
  std::unique_ptr<SimExecutor> owners_;
  std::unique_ptr<SimExecutor> tier_;
  SimStore store_;
  std::unique_ptr<middle::PartitionStore> mirror_;  // null: none
  SimDirectory directory_;
  std::unique_ptr<middle::cluster::Dialer> dialer_;
  std::unique_ptr<middle::Membership> membership_;
  std::unique_ptr<middle::MiddleTier> middle_;
  SimWires::Ending ending_ = SimWires::Ending::kProcess;
  bool serving_ = false;
  bool failed_ = false;
  bool leaving_ = false;
  bool left_ = false;
  bool paused_ = false;
};

}  // namespace longwire::sim
