#pragma once

// Backup and restore of the embedded storage: partition store and directory of one moment.
//
//   <backup>/partitions/       a RocksDB checkpoint
//   <backup>/directory.sqlite
//   <backup>/complete          "longwire backup 1\n", written last: without it, it is no backup
//
// For their owner only (0700, 0600): they hold all secrets. Both block; nothing else need stop for
// a backup.

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "middle/ports/partition_store.h"
#include "storage/embedded/embedded_directory.h"
#include "storage/embedded/embedded_store.h"

namespace longwire::storage {

// Where the two lie below a data directory and below a backup alike.
std::string embedded_store_path(const std::string& directory);
std::string embedded_directory_path(const std::string& directory);

// `backup` must not exist, its parent must. A backup that failed is removed again.
Status make_embedded_backup(EmbeddedStore& store, EmbeddedDirectory& directory,
                            const std::string& backup);

// Are all three there? kInvalidArgument says what a backup is, and what this one lacks.
Status check_embedded_backup(const std::string& backup);

// Where a restore into `data` makes what it renames to `data` at last. One that was killed leaves
// it; the next removes it.
std::string unfinished_restore_path(const std::string& data);

// Copies a backup into `data`, which must not exist or be empty (its parent exists), and gives it a
// new incarnation: numbers and keys from after the backup must not meet those made after the
// restore. All or nothing. kCorrupt: the backup is damaged.
Result<middle::StorageInfo> restore_embedded_backup(const std::string& backup,
                                                    const std::string& data, Random& random);

}  // namespace longwire::storage
