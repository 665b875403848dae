#pragma once

// `longwire serve`: from the first line of the log to the last.

#include <string>

#include "base/result.h"
#include "daemon/serve/data_directory.h"
#include "daemon/serve/settings.h"

namespace longwire::daemon {

struct ServeOptions {
  DataPaths paths;
  SettingsSources sources;
  std::string ports_file;  // empty: none
  std::string program;     // as it was called: argv[0]
  std::string worker;      // of a worker: its seat, see daemon/workers; empty: none
};

// Serves until SIGINT or SIGTERM; SIGHUP reloads. Main thread, before any other thread. An error is
// what kept it from serving.
Status run_server(const ServeOptions& options);

}  // namespace longwire::daemon
