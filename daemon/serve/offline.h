#pragma once

// What a command needs that works on a data directory without a server.

#include <memory>

#include "base/environment.h"
#include "base/net/loop_thread.h"
#include "daemon/serve/back_ends.h"
#include "daemon/serve/data_directory.h"
#include "daemon/serve/settings.h"
#include "daemon/serve/storage_check.h"

namespace longwire::daemon {

// Holds the data directory's lock while it lives. Bound to the main thread.
class Offline final {
 public:
  // kAlreadyExists where a server runs.
  static Result<std::unique_ptr<Offline>> begin(DataPaths paths, const SettingsSources& sources);

  Settings& settings() { return *settings_; }
  const DataPaths& paths() const { return paths_; }
  Environment environment();

 private:
  Offline(DataPaths paths, DataLock lock, std::unique_ptr<Settings> settings);

  DataPaths paths_;
  DataLock lock_;
  std::unique_ptr<Settings> settings_;
  std::unique_ptr<LogSink> log_;
  Metrics metrics_;
  net::LoopThread thread_;
};

}  // namespace longwire::daemon
