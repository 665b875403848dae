#pragma once

// Backup and restore of the embedded storage: partition store and directory of one moment.
//
//   <backup>/partitions/       a RocksDB checkpoint
//   <backup>/directory.sqlite
//
// Both block; nothing else need stop for a backup.

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

// Copies a backup into `data`, which must not exist or be empty, and gives it a new incarnation:
// numbers and keys from after the backup must not meet those made after the restore.
Result<middle::StorageInfo> restore_embedded_backup(const std::string& backup,
                                                    const std::string& data, Random& random);

}  // namespace longwire::storage
