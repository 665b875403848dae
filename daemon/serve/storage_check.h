#pragma once

// `longwire storage check`: every row of every partition is read, so that every checksum is, and
// every page of the directory; and counted.

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "daemon/serve/back_ends.h"

namespace longwire::daemon {

struct StorageReport {
  middle::StorageInfo info;
  std::uint64_t rows = 0;  // of the partitions, as the next three
  std::uint64_t bytes = 0;
  std::map<std::string, std::uint64_t> kinds;  // "devices" and so on: how many rows
  std::uint64_t apps = 0;                      // of the directory, as the next
  std::uint64_t users = 0;
};

// Blocks, long. The first damage found ends it: kCorrupt with where.
Result<StorageReport> check_storage(BackEnds& back_ends);

}  // namespace longwire::daemon
