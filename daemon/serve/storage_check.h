#pragma once

// `longwire storage check`: every row of every partition is read, so that every checksum is, and
// every page of the directory; and counted.

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "daemon/control/control_table.h"
#include "daemon/serve/back_ends.h"
#include "daemon/serve/data_directory.h"

namespace longwire::daemon {

struct StorageReport {
  middle::StorageInfo info;
  std::uint64_t rows = 0;  // of the partitions, as the next three
  std::uint64_t bytes = 0;
  std::map<std::string, std::uint64_t> kinds;  // "devices" and so on: how many rows
  std::uint64_t apps = 0;                      // of the directory, as the next
  std::uint64_t users = 0;
};

// Blocks, long, and does not disturb who writes meanwhile. The first damage found ends it: kCorrupt
// with where; so does `stopping`, set by another thread: kUnavailable.
Result<StorageReport> check_storage(BackEnds& back_ends, const std::atomic<bool>& stopping);

// With where each part lies, and what Redis has of it: blocks. A Redis that is away is told, and no
// error: what is stored is sound.
Json report_json(const StorageReport& report, const StorageConfig& config, const DataPaths& paths,
                 const Environment& environment);

}  // namespace longwire::daemon
