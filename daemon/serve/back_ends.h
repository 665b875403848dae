#pragma once

// Storage as the configuration names it: the ports of the middle, wired to back ends.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/environment.h"
#include "base/random.h"
#include "daemon/serve/data_directory.h"
#include "middle/ports/directory.h"
#include "middle/ports/partition_store.h"
#include "storage/hbase/options.h"
#include "storage/mirror/options.h"
#include "storage/mysql/options.h"
#include "storage/redis/options.h"

namespace longwire::daemon {

inline constexpr char kCacheNone[] = "none";
inline constexpr char kCacheLocal[] = "local";
inline constexpr char kCacheRedis[] = "redis";

struct StorageConfig {
  std::string feeds = "embedded";
  std::string directory = "embedded";
  std::string cache = kCacheLocal;
  std::int64_t partitions = 16;
  std::int64_t cache_bytes = 64 * 1024 * 1024;
  std::int64_t reader_threads = 2;
  storage::hbase::Options hbase;
  storage::mysql::Options mysql;
  storage::redis::Options redis;
  storage::mirror::Options mirror;
};
void declare_config(ConfigSchema& schema, StorageConfig& config);
// kInvalidArgument: one part would outlive the other.
Status check_together(const StorageConfig& config);
// Where each part lies, for people.
std::string feeds_place(const StorageConfig& config, const DataPaths& paths);
std::string directory_place(const StorageConfig& config, const DataPaths& paths);

// Everything stored. Destroyed after the middle that uses it. Thread-safe.
class BackEnds {
 public:
  virtual ~BackEnds() = default;
  virtual middle::PartitionStore& partitions() = 0;
  virtual middle::Directory& directory() = 0;
  // A copy of one moment in `target`, which must not exist; nothing stops meanwhile. Blocks.
  // kUnsupported where nothing outlives the process, or a part of it is a server's to copy.
  virtual Status backup(const std::filesystem::path& target) = 0;
  // Damage that reading the partitions' rows does not show: kCorrupt. Blocks, long.
  virtual Status check_directory() = 0;
};

// Opens what is there, and makes both parts where neither is. One part without the other is a loss,
// and so is a restore or an import that did not end: kCorrupt. Back ends that need an executor
// answer on `environment.executor`.
Result<std::unique_ptr<BackEnds>> open_back_ends(const StorageConfig& config,
                                                 const DataPaths& paths, Environment environment);

// What init_storage will do: a sentence a step; none where all is there. Blocks.
Result<std::vector<std::string>> planned_steps(const StorageConfig& config, const DataPaths& paths,
                                               Environment environment);

// For commands that run without a server; they hold the DataLock. Makes what is not there and
// brings up to date what is: may be repeated.
Status init_storage(const StorageConfig& config, const DataPaths& paths, Environment environment);
// kNotFound where nothing of a storage that lies in the data directory was made; touches nothing.
Status must_have_storage(const StorageConfig& config, const DataPaths& paths);
// As it is: tables of an older version are an error, kUnsupported.
Result<std::unique_ptr<BackEnds>> open_existing_storage(const StorageConfig& config,
                                                        const DataPaths& paths,
                                                        Environment environment);
// For `longwire storage import`: as above, also where an earlier one has not ended.
Result<std::unique_ptr<BackEnds>> open_for_import(const StorageConfig& config,
                                                  const DataPaths& paths, Environment environment);
// True: there is a storage, of an import that has not ended too.
Result<bool> has_storage(const StorageConfig& config, const DataPaths& paths,
                         Environment environment);
// Says that the storage, closed by now, is `to` where it was `from`. May be repeated.
Status replace_info(const StorageConfig& config, const DataPaths& paths, Environment environment,
                    const middle::StorageInfo& from, const middle::StorageInfo& to);
// kInvalidArgument where it is no backup; touches nothing.
Status check_backup(const std::filesystem::path& backup);
// Puts a backup where the storage is to be, which must not exist, with a new incarnation.
Result<middle::StorageInfo> restore_storage(const StorageConfig& config, const DataPaths& paths,
                                            const std::filesystem::path& backup, Random& random);

}  // namespace longwire::daemon
