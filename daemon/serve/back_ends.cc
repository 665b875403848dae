#include "daemon/serve/back_ends.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "daemon/serve/row_mirror.h"
#include "daemon/serve/wait.h"
#include "storage/embedded/embedded_backup.h"
#include "storage/embedded/embedded_directory.h"
#include "storage/embedded/embedded_store.h"
#include "storage/hbase/hbase_store.h"
#include "storage/memory/memory_store.h"
#include "storage/mysql/mysql_directory.h"

namespace longwire::daemon {
namespace {

constexpr char kEmbedded[] = "embedded";
constexpr char kHBase[] = "hbase";
constexpr char kMemory[] = "memory";
constexpr char kMySql[] = "mysql";

middle::StorageInfo new_info(const StorageConfig& config, Random& random) {
  middle::StorageInfo info;
  info.partitions = static_cast<std::uint16_t>(config.partitions);
  info.incarnation = middle::Incarnation(hex_encode(random.bytes(8)));
  return info;
}

// Nothing outlives the process.
class MemoryBackEnds final : public BackEnds {
 public:
  MemoryBackEnds(const StorageConfig& config, Environment environment)
      : partitions_(
            storage::make_memory_store(environment.executor, new_info(config, environment.random))),
        directory_(storage::make_memory_directory(environment.executor)) {}

  middle::PartitionStore& partitions() override { return *partitions_; }
  middle::Directory& directory() override { return *directory_; }
  Status backup(const std::filesystem::path& target) override {
    (void)target;
    return Error{ErrorCode::kUnsupported, "the memory back end has nothing to back up"};
  }
  Status check_directory() override { return {}; }

 private:
  std::unique_ptr<middle::PartitionStore> partitions_;
  std::unique_ptr<middle::Directory> directory_;
};

class EmbeddedBackEnds final : public BackEnds {
 public:
  EmbeddedBackEnds(std::unique_ptr<storage::EmbeddedStore> partitions,
                   std::unique_ptr<storage::EmbeddedDirectory> directory)
      : partitions_(std::move(partitions)), directory_(std::move(directory)) {}

  middle::PartitionStore& partitions() override { return *partitions_; }
  middle::Directory& directory() override { return *directory_; }
  Status backup(const std::filesystem::path& target) override {
    return storage::make_embedded_backup(*partitions_, *directory_, target.string());
  }
  Status check_directory() override { return directory_->check(); }

 private:
  std::unique_ptr<storage::EmbeddedStore> partitions_;
  std::unique_ptr<storage::EmbeddedDirectory> directory_;
};

// Where a directory lies: in the data directory, or with a server.
struct OpenedDirectory {
  std::unique_ptr<middle::Directory> directory;
  storage::EmbeddedDirectory* embedded = nullptr;  // null: a server's
};

// A part of it, or all, is a server's.
class ServedBackEnds final : public BackEnds {
 public:
  ServedBackEnds(std::unique_ptr<middle::PartitionStore> partitions, OpenedDirectory directory,
                 const char* no_backup)
      : partitions_(std::move(partitions)),
        directory_(std::move(directory)),
        no_backup_(no_backup) {}

  middle::PartitionStore& partitions() override { return *partitions_; }
  middle::Directory& directory() override { return *directory_.directory; }
  Status backup(const std::filesystem::path& target) override {
    (void)target;
    return Error{ErrorCode::kUnsupported, no_backup_};
  }
  Status check_directory() override {
    return directory_.embedded == nullptr ? Status() : directory_.embedded->check();
  }

 private:
  std::unique_ptr<middle::PartitionStore> partitions_;
  OpenedDirectory directory_;
  const char* no_backup_;
};

Status make_directories(const std::filesystem::path& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (made) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  return Error{ErrorCode::kUnavailable,
               fmt::format("cannot make {}: {}", path.string(), error.message())};
}

// Without the file that RocksDB cannot be without, a folder holds no partitions.
bool has_partitions(const DataPaths& paths) {
  std::error_code error;
  return std::filesystem::exists(paths.partitions() / "CURRENT", error);
}

Status must_be_restored(const DataPaths& paths) {
  const auto left = storage::unfinished_restore_path(paths.storage().string());
  std::error_code error;
  if (has_partitions(paths) || !std::filesystem::exists(left, error)) return {};
  return Error{ErrorCode::kCorrupt,
               fmt::format("a restore did not end, and left {}: restore the backup again, or "
                           "remove that to begin with an empty storage",
                           left)};
}

// A storage without partitions is a new one only where nobody was entered yet.
Status must_be_empty(middle::Directory& directory, const StorageConfig& config,
                     const DataPaths& paths) {
  using Apps = std::vector<middle::App>;
  using Users = std::vector<middle::User>;
  const auto apps =
      wait_for<Apps>([&](Callback<Apps> done) { directory.list_apps(std::move(done)); });
  if (!apps.ok()) return apps.error();
  const auto users =
      wait_for<Users>([&](Callback<Users> done) { directory.list_users({}, 1, std::move(done)); });
  if (!users.ok()) return users.error();
  if (apps->empty() && users->empty()) return {};
  return Error{ErrorCode::kCorrupt,
               fmt::format("there are no partitions in {}, but {} knows apps or users: it belongs "
                           "to another storage, or messages, registrations and cursors of this one "
                           "are lost; name where they are, or restore them from a backup",
                           feeds_place(config, paths), directory_place(config, paths))};
}

Result<std::unique_ptr<storage::EmbeddedDirectory>> open_own_directory(const StorageConfig& config,
                                                                       const DataPaths& paths,
                                                                       bool create) {
  storage::EmbeddedDirectoryOptions options;
  options.path = storage::embedded_directory_path(paths.storage().string());
  options.create = create;
  auto directory = storage::open_embedded_directory(options);
  if (directory.ok() && create) TRY(must_be_empty(**directory, config, paths));
  return directory;
}

Result<std::unique_ptr<storage::EmbeddedStore>> open_partitions(const StorageConfig& config,
                                                                const DataPaths& paths,
                                                                Environment environment,
                                                                bool create) {
  storage::EmbeddedStoreOptions options;
  options.path = storage::embedded_store_path(paths.storage().string());
  options.block_cache_bytes = static_cast<std::size_t>(config.cache_bytes);
  options.reader_threads = static_cast<std::size_t>(config.reader_threads);
  if (create) options.create_with = new_info(config, environment.random);
  return storage::open_embedded_store(std::move(options), environment.clock, environment.log);
}

// Only where nobody listens: elsewhere a new server is no help.
std::string how_to_start(const Error& error, std::string_view service) {
  const bool nobody = error.message.find("refused") != std::string::npos ||
                      error.message.find("Can't connect") != std::string::npos;
  if (!nobody) return "";
  return fmt::format("; on one machine `./dev services up {}` starts one", service);
}

Error no_mysql(const Error& error) {
  return {error.code, fmt::format("storage.directory is mysql, which cannot be used: {}{}",
                                  error.message, how_to_start(error, "mariadb"))};
}

Result<std::unique_ptr<middle::Directory>> open_mysql(const StorageConfig& config,
                                                      Environment environment, bool create) {
  storage::mysql::Options options = config.mysql;
  options.create = create;
  auto directory = storage::mysql::open_directory(
      options, {environment.clock, environment.random, environment.log, environment.metrics});
  if (directory.ok()) return directory;
  return no_mysql(directory.error());
}

Result<OpenedDirectory> open_directory(const StorageConfig& config, const DataPaths& paths,
                                       Environment environment, bool create) {
  OpenedDirectory opened;
  if (config.directory == kMySql) {
    auto served = open_mysql(config, environment, create);
    if (!served.ok()) return served.error();
    if (create) TRY(must_be_empty(**served, config, paths));
    opened.directory = std::move(*served);
    return opened;
  }
  auto own = open_own_directory(config, paths, create);
  if (!own.ok()) return own.error();
  opened.embedded = own->get();
  opened.directory = std::move(*own);
  return opened;
}

// The directory first: where a crash ends the making, the next start may make it again.
Result<std::unique_ptr<BackEnds>> open_embedded(const StorageConfig& config, const DataPaths& paths,
                                                Environment environment, bool create) {
  TRY(must_be_restored(paths));
  TRY(create ? make_directories(paths.storage()) : must_have_storage(config, paths));
  const bool made_before = has_partitions(paths);
  if (config.directory == kMySql) {
    auto directory = open_directory(config, paths, environment, !made_before);
    if (!directory.ok()) return directory.error();
    auto partitions = open_partitions(config, paths, environment, create);
    if (!partitions.ok()) return partitions.error();
    return std::unique_ptr<BackEnds>(std::make_unique<ServedBackEnds>(
        std::move(*partitions), std::move(*directory),
        "storage.directory is mysql: its part is copied with the server's own tools"));
  }
  auto directory = open_own_directory(config, paths, !made_before);
  if (!directory.ok()) return directory.error();
  auto partitions = open_partitions(config, paths, environment, create);
  if (!partitions.ok()) return partitions.error();
  return std::unique_ptr<BackEnds>(
      std::make_unique<EmbeddedBackEnds>(std::move(*partitions), std::move(*directory)));
}

// What a start needs is missing: says what, and how to come by it.
Error no_hbase(const StorageConfig& config, const Error& error) {
  const std::string_view make =
      error.code == ErrorCode::kNotFound ? "; `longwire storage init` makes one" : "";
  return {error.code,
          fmt::format("storage.feeds is hbase, and hbase.gateways ({}) gives no storage: {}{}{}",
                      fmt::join(config.hbase.gateways, ", "), error.message, make,
                      how_to_start(error, "hbase"))};
}

Result<std::unique_ptr<BackEnds>> open_hbase(const StorageConfig& config, const DataPaths& paths,
                                             Environment environment, bool create) {
  TRY(make_directories(paths.storage()));
  storage::hbase::Options options = config.hbase;
  const auto found = storage::hbase::inspect_storage(options, environment.clock, environment.log);
  const bool made_before = found.ok();
  if (!made_before && (found.error().code != ErrorCode::kNotFound || !create)) {
    return no_hbase(config, found.error());
  }
  // One that is lost beside its partitions is an error.
  auto directory = open_directory(config, paths, environment, !made_before);
  if (!directory.ok()) return directory.error();
  if (!made_before) options.create_with = new_info(config, environment.random);
  auto partitions = storage::hbase::open_store(std::move(options), environment.clock,
                                               environment.log, environment.metrics);
  if (!partitions.ok()) return no_hbase(config, partitions.error());
  return std::unique_ptr<BackEnds>(
      std::make_unique<ServedBackEnds>(std::move(*partitions), std::move(*directory),
                                       "storage.feeds is hbase: HBase has its own snapshots"));
}

// What holds a part of what it is to hold is no storage yet.
Result<std::unique_ptr<BackEnds>> whole(Result<std::unique_ptr<BackEnds>> opened,
                                        const StorageConfig& config, const DataPaths& paths) {
  if (!opened.ok() || !(*opened)->partitions().info().importing) return opened;
  return Error{ErrorCode::kCorrupt,
               fmt::format("an import has not ended, and the storage is not whole: run `longwire "
                           "storage import` again with its file, or remove {}, and {}, to begin "
                           "anew",
                           feeds_place(config, paths), directory_place(config, paths))};
}

// True where `storage init` has nothing to make.
Result<bool> is_made(const StorageConfig& config, const DataPaths& paths, Environment environment) {
  if (config.feeds == kHBase) {
    const auto found =
        storage::hbase::inspect_storage(config.hbase, environment.clock, environment.log);
    if (found.ok() || found.error().code == ErrorCode::kNotFound) return found.ok();
    return no_hbase(config, found.error());
  }
  return has_partitions(paths);
}

Result<std::unique_ptr<BackEnds>> open_lasting(const StorageConfig& config, const DataPaths& paths,
                                               Environment environment, bool create) {
  if (config.feeds == kHBase) return open_hbase(config, paths, environment, create);
  return open_embedded(config, paths, environment, create);
}

Status not_memory(const StorageConfig& config) {
  if (config.feeds != kMemory) return {};
  return Error{ErrorCode::kUnsupported, "storage.feeds is memory: there is nothing on disk"};
}

}  // namespace

void declare_config(ConfigSchema& schema, StorageConfig& config) {
  schema.add({.key = "storage.feeds",
              .help = "Where messages, registrations and cursors are kept: embedded (RocksDB in "
                      "the data directory), hbase (see hbase.gateways), or memory (for tests: all "
                      "is gone at the end).",
              .choices = {kEmbedded, kHBase, kMemory}},
             config.feeds);
  schema.add({.key = "storage.directory",
              .help = "Where apps, users, rosters and the index of topics are kept: embedded "
                      "(SQLite in the data directory), mysql (a MariaDB server, see "
                      "mysql.address), or memory, where storage.feeds is.",
              .choices = {kEmbedded, kMySql, kMemory}},
             config.directory);
  schema.add({.key = "storage.cache",
              .help = "Where rows are remembered that were read: none (1 MiB a partition, to work "
                      "with), local (in memory, see middle.row_cache_bytes), or redis (there as "
                      "well, see redis.nodes and mirror.keep: for storage that is slow to read).",
              .choices = {kCacheNone, kCacheLocal, kCacheRedis}},
             config.cache);
  schema.add({.key = "storage.partitions",
              .help = "Number of partitions, fixed when the storage is made.",
              .min = 1,
              .max = 4096},
             config.partitions);
  schema.add({.key = "storage.cache_bytes",
              .unit = "bytes",
              .help = "Memory for blocks read from disk.",
              .min = 1024 * 1024,
              .max = std::int64_t{1} << 40},
             config.cache_bytes);
  schema.add({.key = "storage.reader_threads",
              .help = "Threads that read from disk.",
              .min = 1,
              .max = 64},
             config.reader_threads);
  declare_config(schema, config.hbase);
  declare_config(schema, config.mysql);
  declare_config(schema, config.redis);
  declare_config(schema, config.mirror);
}

Status check_together(const StorageConfig& config) {
  if (config.feeds == kMemory && config.cache == kCacheRedis) {
    return Error{ErrorCode::kInvalidArgument,
                 "storage.cache is redis, and storage.feeds is memory: there is nothing to cache"};
  }
  if (config.feeds == kHBase && config.hbase.gateways.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "storage.feeds is hbase, and hbase.gateways names none"};
  }
  if (config.directory == kMySql && config.mysql.peer == config.mysql.address) {
    return Error{ErrorCode::kInvalidArgument,
                 "mysql.peer must be another server than mysql.address: the other one of the pair"};
  }
  if ((config.feeds == kMemory) == (config.directory == kMemory)) return {};
  return Error{ErrorCode::kInvalidArgument,
               "storage.feeds and storage.directory are memory both, or neither: the index of "
               "topics in the one follows the registrations in the other"};
}

std::string feeds_place(const StorageConfig& config, const DataPaths& paths) {
  if (config.feeds == kMemory) return "memory";
  if (config.feeds == kEmbedded) return "RocksDB in " + paths.partitions().string();
  return fmt::format("HBase at {}, tables {} and {}", fmt::join(config.hbase.gateways, ", "),
                     config.hbase.log_table(), config.hbase.rows_table());
}

std::string directory_place(const StorageConfig& config, const DataPaths& paths) {
  if (config.directory == kMemory) return "memory";
  if (config.directory == kEmbedded) return "SQLite in " + paths.directory().string();
  const std::string peer = config.mysql.peer.empty() ? "" : " and " + config.mysql.peer;
  return fmt::format("MariaDB at {}{}, database {}", config.mysql.address, peer,
                     config.mysql.database);
}

Result<std::unique_ptr<BackEnds>> open_back_ends(const StorageConfig& config,
                                                 const DataPaths& paths, Environment environment) {
  if (config.feeds == kMemory) {
    return std::unique_ptr<BackEnds>(std::make_unique<MemoryBackEnds>(config, environment));
  }
  auto opened = whole(open_lasting(config, paths, environment, true), config, paths);
  if (!opened.ok() || config.cache != kCacheRedis) return opened;
  return add_row_mirror(std::move(*opened), config, environment);
}

Result<std::vector<std::string>> planned_steps(const StorageConfig& config, const DataPaths& paths,
                                               Environment environment) {
  TRY(not_memory(config));
  std::vector<std::string> steps;
  if (config.feeds == kHBase) {
    const auto found = storage::hbase::planned_steps(
        config.hbase, new_info(config, environment.random), environment.clock, environment.log);
    if (!found.ok()) return no_hbase(config, found.error());
    for (const std::string& step : *found) steps.push_back("hbase: " + step);
  } else if (!has_partitions(paths)) {
    steps.push_back(fmt::format("embedded: make {}, partitions: {}", paths.storage().string(),
                                config.partitions));
  }
  if (config.directory == kMySql) {
    const auto found = storage::mysql::planned_steps(config.mysql);
    if (!found.ok()) return no_mysql(found.error());
    for (const std::string& step : *found) steps.push_back("mysql: " + step);
  }
  return steps;
}

Status init_storage(const StorageConfig& config, const DataPaths& paths, Environment environment) {
  TRY(not_memory(config));
  const auto opened = open_lasting(config, paths, environment, true);
  return opened.ok() ? Status() : opened.error();
}

Status must_have_storage(const StorageConfig& config, const DataPaths& paths) {
  if (config.feeds != kEmbedded || has_partitions(paths)) return {};
  return Error{ErrorCode::kNotFound,
               fmt::format("there is no storage in {}", paths.storage().string())};
}

Result<std::unique_ptr<BackEnds>> open_existing_storage(const StorageConfig& config,
                                                        const DataPaths& paths,
                                                        Environment environment) {
  TRY(not_memory(config));
  StorageConfig as_it_is = config;
  as_it_is.mysql.migrate = false;
  return whole(open_lasting(as_it_is, paths, environment, false), config, paths);
}

Result<std::unique_ptr<BackEnds>> open_for_import(const StorageConfig& config,
                                                  const DataPaths& paths, Environment environment) {
  TRY(not_memory(config));
  return open_lasting(config, paths, environment, false);
}

Result<bool> has_storage(const StorageConfig& config, const DataPaths& paths,
                         Environment environment) {
  TRY(not_memory(config));
  return is_made(config, paths, environment);
}

Status replace_info(const StorageConfig& config, const DataPaths& paths, Environment environment,
                    const middle::StorageInfo& from, const middle::StorageInfo& to) {
  if (config.feeds == kHBase) {
    return storage::hbase::replace_info(config.hbase, from, to, environment.clock, environment.log);
  }
  return storage::set_embedded_info(storage::embedded_store_path(paths.storage().string()), to);
}

Status check_backup(const std::filesystem::path& backup) {
  return storage::check_embedded_backup(backup.string());
}

Result<middle::StorageInfo> restore_storage(const StorageConfig& config, const DataPaths& paths,
                                            const std::filesystem::path& backup, Random& random) {
  if (config.feeds != kEmbedded) {
    return Error{ErrorCode::kUnsupported, "a backup is restored where storage.feeds is embedded"};
  }
  return storage::restore_embedded_backup(backup.string(), paths.storage().string(), random);
}

}  // namespace longwire::daemon
