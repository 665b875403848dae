#pragma once

// The commands `backup` and `storage_check` of a running server: on a thread of their own, so that
// the loop of the commands goes on.

#include <atomic>
#include <functional>
#include <thread>

#include "base/environment.h"
#include "base/executor.h"
#include "daemon/control/control_table.h"
#include "daemon/serve/back_ends.h"
#include "daemon/serve/data_directory.h"

namespace longwire::daemon {

// What is served from. All of it outlives its user.
struct ServedStorage {
  BackEnds& back_ends;
  const StorageConfig& config;
  const DataPaths& paths;
  Environment environment;
};

// One command at a time; another meanwhile is refused. Loop-bound to `loop` but for wait(). The
// table outlives it.
class StorageControl final {
 public:
  StorageControl(Executor& loop, const ServedStorage& storage, ControlTable& table);
  ~StorageControl() = default;  // after wait(), on the loop
  StorageControl(const StorageControl&) = delete;
  StorageControl& operator=(const StorageControl&) = delete;

  // Until a backup under way is done, and a check has come to the end of its page, or of the
  // directory's own check, or of Redis; no other may begin any more. Not from the loop.
  void wait();

 private:
  using Work = std::function<Result<Json>()>;
  void start(Work work, Callback<Json> done);
  Result<Json> back_up(const std::string& directory);
  Result<Json> check();

  Executor& loop_;
  const ServedStorage storage_;
  bool running_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace longwire::daemon
