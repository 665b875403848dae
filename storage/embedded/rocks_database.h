#pragma once

// RocksDatabase: the open database, and how to get it back after a write failed. Private to this
// folder.

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "middle/ports/partition_store.h"
#include "storage/embedded/embedded_store.h"

namespace longwire::storage {

// Reads and checkpoint() from any thread; write() and reopen() from one thread at a time. All
// block.
class RocksDatabase final {
 public:
  // `file_system` may be null: the machine's.
  static Result<std::unique_ptr<RocksDatabase>> open(
      const std::shared_ptr<rocksdb::FileSystem>& file_system, EmbeddedStoreOptions options,
      const Clock& clock);

  Result<std::vector<std::optional<Bytes>>> get(middle::PartitionId partition,
                                                const std::vector<Bytes>& keys) const;
  Result<std::vector<middle::Row>> scan(middle::PartitionId partition,
                                        const middle::ScanRequest& request) const;
  // A stored value by its stored key.
  Result<std::optional<Bytes>> read(const Bytes& stored_key) const;

  // After an error the batch may be in or not, and no write succeeds until reopen() has.
  Status write(rocksdb::WriteBatch& batch);

  // Closes and opens, which replays the write-ahead log and so decides what is in. Does not close
  // where the disk visibly has no space: reads go on meanwhile.
  Status reopen();

  Status checkpoint(const std::string& directory) const;
  Status compact();

 private:
  RocksDatabase(const std::shared_ptr<rocksdb::FileSystem>& file_system,
                EmbeddedStoreOptions options, const Clock& clock);
  Status open_database();
  Status check_space() const;

  const EmbeddedStoreOptions options_;
  const std::unique_ptr<rocksdb::Env> own_environment_;
  const rocksdb::Options rocks_options_;
  mutable std::shared_mutex mutex_;  // exclusive: database_ is being replaced
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace longwire::storage
