#pragma once

// Who this process is, for `longwire status`.

#include <string>

#include "daemon/serve/data_directory.h"
#include "daemon/serve/ports_file.h"
#include "daemon/serve/settings.h"
#include "middle/model/process_report.h"

namespace longwire::daemon {

struct SelfFacts {
  const Settings& settings;
  const DataPaths& paths;
  const Ports& ports;
  const std::string& tier_address;  // empty: none
  int worker = -1;                  // of a supervisor's worker: which
};

middle::ProcessReport self_report(const SelfFacts& facts);

}  // namespace longwire::daemon
