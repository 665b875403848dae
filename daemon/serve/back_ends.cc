#include "daemon/serve/back_ends.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "daemon/serve/wait.h"
#include "storage/embedded/embedded_backup.h"
#include "storage/embedded/embedded_directory.h"
#include "storage/embedded/embedded_store.h"
#include "storage/memory/memory_store.h"
#include "storage/mysql/mysql_directory.h"
#include "storage/mysql/schema.h"

namespace longwire::daemon {
namespace {

constexpr char kEmbedded[] = "embedded";
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

// Partitions in the data directory, the directory on a server.
class MySqlBackEnds final : public BackEnds {
 public:
  MySqlBackEnds(std::unique_ptr<storage::EmbeddedStore> partitions,
                std::unique_ptr<middle::Directory> directory)
      : partitions_(std::move(partitions)), directory_(std::move(directory)) {}

  middle::PartitionStore& partitions() override { return *partitions_; }
  middle::Directory& directory() override { return *directory_; }
  Status backup(const std::filesystem::path& target) override {
    (void)target;
    return Error{ErrorCode::kUnsupported,
                 "storage.directory is mysql: its part is copied with the server's own tools"};
  }

 private:
  std::unique_ptr<storage::EmbeddedStore> partitions_;
  std::unique_ptr<middle::Directory> directory_;
};

Status make_directories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
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
Status must_be_empty(middle::Directory& directory, const DataPaths& paths) {
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
               fmt::format("{} is gone, but {} knows apps or users: messages, registrations and "
                           "cursors of this storage are lost; restore from a backup",
                           paths.partitions().string(), paths.directory().string())};
}

Result<std::unique_ptr<storage::EmbeddedDirectory>> open_directory(const DataPaths& paths) {
  storage::EmbeddedDirectoryOptions options;
  options.path = storage::embedded_directory_path(paths.storage().string());
  options.create = !has_partitions(paths);
  auto directory = storage::open_embedded_directory(options);
  if (directory.ok() && options.create) TRY(must_be_empty(**directory, paths));
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

Error no_mysql(const Error& error) {
  return {error.code,
          fmt::format("storage.directory is mysql, and there is none: {}; on one machine "
                      "`./dev services up mariadb` starts a server",
                      error.message)};
}

Result<std::unique_ptr<middle::Directory>> open_mysql(const StorageConfig& config,
                                                      Environment environment, bool create) {
  storage::mysql::Options options = config.mysql;
  options.create = create;
  auto directory = storage::mysql::open_directory(std::move(options), environment.clock,
                                                  environment.random, environment.log);
  if (directory.ok()) return directory;
  return no_mysql(directory.error());
}

Result<std::unique_ptr<BackEnds>> open_embedded(const StorageConfig& config, const DataPaths& paths,
                                                Environment environment, bool create) {
  TRY(must_be_restored(paths));
  TRY(create ? make_directories(paths.storage()) : must_have_storage(paths));
  // The directory first: where a crash ends the making, the next start may make it again.
  if (config.directory == kMySql) {
    auto directory = open_mysql(config, environment, !has_partitions(paths));
    if (!directory.ok()) return directory.error();
    auto partitions = open_partitions(config, paths, environment, create);
    if (!partitions.ok()) return partitions.error();
    return std::unique_ptr<BackEnds>(
        std::make_unique<MySqlBackEnds>(std::move(*partitions), std::move(*directory)));
  }
  auto directory = open_directory(paths);
  if (!directory.ok()) return directory.error();
  auto partitions = open_partitions(config, paths, environment, create);
  if (!partitions.ok()) return partitions.error();
  return std::unique_ptr<BackEnds>(
      std::make_unique<EmbeddedBackEnds>(std::move(*partitions), std::move(*directory)));
}

Status only_embedded(const StorageConfig& config) {
  if (config.back_end != kMemory) return {};
  return Error{ErrorCode::kUnsupported, "storage.back_end is memory: there is nothing on disk"};
}

}  // namespace

void declare_config(ConfigSchema& schema, StorageConfig& config) {
  schema.add({.key = "storage.back_end",
              .help = "Where everything is kept: embedded (RocksDB and SQLite in the data "
                      "directory), or memory (for tests: all is gone at the end).",
              .choices = {kEmbedded, kMemory}},
             config.back_end);
  schema.add({.key = "storage.directory",
              .help = "Where apps, users, rosters and the index of topics are kept, unless all is "
                      "in memory: embedded (SQLite in the data directory), or mysql (a MariaDB "
                      "server, see mysql.address).",
              .choices = {kEmbedded, kMySql}},
             config.directory);
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
  declare_config(schema, config.mysql);
}

Result<std::unique_ptr<BackEnds>> open_back_ends(const StorageConfig& config,
                                                 const DataPaths& paths, Environment environment) {
  if (config.back_end == kMemory) {
    return std::unique_ptr<BackEnds>(std::make_unique<MemoryBackEnds>(config, environment));
  }
  return open_embedded(config, paths, environment, true);
}

Result<std::vector<std::string>> directory_steps(const StorageConfig& config) {
  if (config.back_end == kMemory || config.directory != kMySql) return std::vector<std::string>();
  auto state = storage::mysql::check_schema(config.mysql);
  if (!state.ok()) return no_mysql(state.error());
  return std::move(state->steps);
}

Status init_storage(const StorageConfig& config, const DataPaths& paths, Environment environment) {
  TRY(only_embedded(config));
  if (has_partitions(paths)) {
    return Error{ErrorCode::kAlreadyExists,
                 fmt::format("there is a storage in {} already", paths.storage().string())};
  }
  const auto opened = open_embedded(config, paths, environment, true);
  return opened.ok() ? Status() : opened.error();
}

Status must_have_storage(const DataPaths& paths) {
  if (has_partitions(paths)) return {};
  return Error{ErrorCode::kNotFound,
               fmt::format("there is no storage in {}", paths.storage().string())};
}

Result<std::unique_ptr<BackEnds>> open_existing_storage(const StorageConfig& config,
                                                        const DataPaths& paths,
                                                        Environment environment) {
  TRY(only_embedded(config));
  return open_embedded(config, paths, environment, false);
}

Status check_backup(const std::filesystem::path& backup) {
  return storage::check_embedded_backup(backup.string());
}

Result<middle::StorageInfo> restore_storage(const DataPaths& paths,
                                            const std::filesystem::path& backup, Random& random) {
  return storage::restore_embedded_backup(backup.string(), paths.storage().string(), random);
}

}  // namespace longwire::daemon
