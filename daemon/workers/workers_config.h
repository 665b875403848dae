#pragma once

// Configuration of several worker processes on one port.

#include <chrono>
#include <cstdint>

#include "base/config.h"

namespace longwire::daemon {

struct WorkersConfig {
  std::int64_t count = 0;
  std::chrono::milliseconds start_timeout = std::chrono::minutes(2);
  std::chrono::milliseconds restart_delay_max = std::chrono::seconds(30);
};
void declare_config(ConfigSchema& schema, WorkersConfig& config);

}  // namespace longwire::daemon
