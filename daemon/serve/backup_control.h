#pragma once

// The command `backup`: copies the storage on a thread of its own, so that the loop of the commands
// goes on.

#include <thread>

#include "base/executor.h"
#include "daemon/control/control_table.h"
#include "daemon/serve/back_ends.h"

namespace longwire::daemon {

// One backup at a time; another meanwhile is refused. Loop-bound to `loop` but for wait(). Table
// and back ends outlive it.
class BackupControl final {
 public:
  BackupControl(Executor& loop, BackEnds& back_ends, ControlTable& table);
  ~BackupControl() = default;  // after wait(), on the loop
  BackupControl(const BackupControl&) = delete;
  BackupControl& operator=(const BackupControl&) = delete;

  // Until a backup under way is done; no other may begin any more. Not from the loop.
  void wait();

 private:
  void start(const Json& params, Callback<Json> done);

  Executor& loop_;
  BackEnds& back_ends_;
  bool running_ = false;
  std::thread thread_;
};

}  // namespace longwire::daemon
