#pragma once

// Rows with copies in Redis: where storage.cache is redis.

#include <memory>
#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "daemon/serve/back_ends.h"
#include "storage/mirror/mirror_census.h"

namespace longwire::daemon {

// `back_ends` behind a mirror, on a thread of its own. Redis need not be there: it is a cache, and
// a server starts without it; one log line says so. kInvalidArgument: redis.nodes are none.
Result<std::unique_ptr<BackEnds>> add_row_mirror(std::unique_ptr<BackEnds> back_ends,
                                                 const StorageConfig& config,
                                                 const Environment& environment);

// What lies in Redis of this storage. Blocks. kUnavailable says how to start one.
Result<storage::mirror::MirrorCensus> count_copies(const StorageConfig& config,
                                                   const middle::StorageInfo& info,
                                                   const Environment& environment);

// Where copies lie, for people.
std::string cache_place(const StorageConfig& config);

}  // namespace longwire::daemon
