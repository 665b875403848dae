#pragma once

// The directory on a MariaDB server, a pair, or several of either.
//
// Calls wait in queues for threads with a connection each and are answered on those threads. Writes
// of one app, account, partition or counter are done in the order of the calls. README.md tells
// what becomes of a call whose answer from the server is lost.

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "middle/ports/directory.h"
#include "storage/mysql/options.h"

namespace longwire::storage::mysql {

// What the directory is given; all of it outlives it.
struct Surroundings {
  const Clock& clock;
  Random& random;
  LogSink& log;
  Metrics& metrics;
};

// Brings the tables up to date first, where options.create. Blocks. The directory is thread-safe;
// destroying it answers all calls.
// Errors: kUnavailable (no server, no account, no database), kUnsupported (a newer schema),
// kCorrupt (no tables, and not to be made), kInvalidArgument (the table of shards is none, or says
// something else than what is stored).
Result<std::unique_ptr<middle::Directory>> open_directory(const Options& options,
                                                          Surroundings around);

// What that would do to the tables, on every shard: a sentence a step. Changes nothing. Errors: as
// above. Blocks.
Result<std::vector<std::string>> planned_steps(const Options& options);

}  // namespace longwire::storage::mysql
