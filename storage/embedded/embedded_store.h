#pragma once

// The embedded partition store: one RocksDB database of this process alone.
//
// One committer thread writes what all partitions have waiting in one synced write and then answers
// them; while it waits for the disk, the next group gathers. Reads run on a few threads behind a
// bounded queue. Callbacks run on these threads: they are short, and must not call checkpoint(),
// compact() or the destructor.
//
// A write that fails (disk full, input/output error) answers kUnavailable with a time to retry;
// reads go on. The outcome is open until the database was opened anew, which the store does by
// itself at the next call of open, commit or head after there is space again: the heads are read
// again, and the repeated call learns which it was.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "middle/ports/partition_store.h"

namespace longwire::storage {

struct EmbeddedStoreOptions {
  std::string path;  // the database's own directory; its parent exists
  // `storage init`: makes the database with this where there is none. Empty: kNotFound instead.
  std::optional<middle::StorageInfo> create_with;
  // false loses acknowledged commits in a power cut; for tests that show just that.
  bool sync = true;

  std::size_t block_cache_bytes = 64 * 1024 * 1024;
  std::size_t memtable_bytes = 32 * 1024 * 1024;  // of one; up to four exist
  std::size_t wal_bytes_max = 256 * 1024 * 1024;  // bounds the time of a start after a crash
  int open_files_max = 512;

  std::size_t reader_threads = 2;
  std::size_t reads_queued_max = 4096;                       // more: kUnavailable
  std::size_t commits_queued_bytes_max = 256 * 1024 * 1024;  // more: kUnavailable
  std::size_t group_bytes_max = 16 * 1024 * 1024;            // of one synced write
  std::chrono::milliseconds retry_interval{500};             // of the recovery; retry_after
};

// Thread-safe. Destroying it answers all calls, then closes the database.
class EmbeddedStore : public middle::PartitionStore {
 public:
  // Writes a copy of one moment into `directory`, which must not exist (its parent must). While no
  // commit runs, `at_that_moment` is called: what it reads of elsewhere is of the same moment.
  // Blocks; commits wait for the flush of a memtable.
  virtual Status checkpoint(const std::string& directory,
                            UniqueFunction<Status()> at_that_moment) = 0;

  // Drops removed and expired rows now. Blocks, long.
  virtual Status compact() = 0;
};

// `clock` decides what has expired; clock and log outlive the store.
// Errors: kNotFound (no database, and none to be made), kUnavailable (among others: another process
// has it), kUnsupported (a newer format), kCorrupt.
Result<std::unique_ptr<EmbeddedStore>> open_embedded_store(EmbeddedStoreOptions options,
                                                           const Clock& clock, LogSink& log);

// Gives a closed database that was made another incarnation (a restore), or the mark of an import.
// The number of partitions stays: kInvalidArgument.
Status set_embedded_info(const std::string& path, const middle::StorageInfo& info);

}  // namespace longwire::storage
