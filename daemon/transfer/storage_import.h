#pragma once

// `longwire storage import`: a storage made of the file of an export.
//
// The storage is marked before the first row and unmarked behind the last check. While it is
// marked, nothing serves it, and the import may be repeated.

#include "base/environment.h"
#include "daemon/serve/back_ends.h"
#include "daemon/transfer/move_file.h"
#include "daemon/transfer/storage_load.h"

namespace longwire::daemon {

// Where to, and how.
struct ImportTarget {
  const StorageConfig& config;
  const DataPaths& paths;
  // A copy beside its source, or one that goes back in time, and not a move: devices are to start
  // anew (docs/decisions/move-keeps-incarnation.md).
  bool new_incarnation = false;
};

struct Imported {
  middle::StorageInfo info;
  Timestamp moment;
  MoveSummary summary;
};

// Reads all of the file first where it can be read twice: a damaged one changes nothing. Makes the
// storage where there is none, with as many partitions as the file has. Blocks, long; from the main
// thread. Errors besides load_storage's: kAlreadyExists (not empty), kInvalidArgument (another
// number of partitions).
Result<Imported> import_storage(const ImportTarget& target, Environment environment,
                                MoveFileReader& file, const MoveProgress& progress);

}  // namespace longwire::daemon
