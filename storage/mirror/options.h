#pragma once

// Options: the limits of the mirror, with their keys in the configuration. Beside these, 4 MiB of a
// partition's updates may wait for Redis (partition_mirror.cc).

#include <chrono>
#include <cstdint>

#include "base/config.h"

namespace longwire::storage::mirror {

struct Options {
  // How long a row that nobody changes or loads anew is kept there.
  std::chrono::milliseconds keep = std::chrono::hours(24);
  // For Redis to answer a read; then the store is asked, and Redis left alone for `pause`.
  std::chrono::milliseconds wait{200};
  std::chrono::milliseconds pause{1'000};
  std::int64_t row_bytes_max = 4096;  // longer rows are not kept
};
void declare_config(ConfigSchema& schema, Options& options);

}  // namespace longwire::storage::mirror
