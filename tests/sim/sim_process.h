#pragma once

// SimProcess: one `longwire serve` of the simulation: a Middle over the simulated storage,
// front-end loops with their links, and a link for senders. Dies at once, at any moment.

#include <memory>
#include <string>
#include <vector>

#include "middle/local_middle.h"
#include "tests/sim/sim_directory.h"
#include "tests/sim/sim_front_end.h"

namespace longwire::sim {

// Null where rows have no mirror.
std::unique_ptr<middle::PartitionStore> make_mirror(SimGround& ground, SimStore& store,
                                                    Executor& executor);

class SimProcess final : public SimServer {
 public:
  SimProcess(SimGround& ground, std::size_t front_ends, const std::string& name);
  // A crash.
  ~SimProcess() override;

  bool serving() const override { return serving_; }
  bool failed() const { return failed_; }  // did not start: an operator starts another
  std::vector<std::unique_ptr<SimFrontEnd>>& front_ends() override { return front_ends_; }
  middle::Service& http() override { return *http_.service; }
  void restart_front_end(std::size_t index);
  SimDirectory& directory() { return directory_; }

 private:
  void connect(SimFrontEnd& front_end, const middle::NodeId& node);

  SimGround& ground_;
  std::unique_ptr<SimExecutor> owners_;
  std::unique_ptr<SimExecutor> http_loop_;
  SimStore store_;
  std::unique_ptr<middle::PartitionStore> mirror_;  // null: none
  SimDirectory directory_;
  std::unique_ptr<middle::Middle> middle_;
  middle::MiddleLink http_;
  std::vector<std::unique_ptr<SimFrontEnd>> front_ends_;
  bool serving_ = false;
  bool failed_ = false;
};

}  // namespace longwire::sim
