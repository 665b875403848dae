#include "daemon/serve/back_ends.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "base/encoding.h"
#include "storage/embedded/embedded_backup.h"
#include "storage/embedded/embedded_directory.h"
#include "storage/embedded/embedded_store.h"
#include "storage/hbase/hbase_store.h"
#include "storage/memory/memory_store.h"

namespace longwire::daemon {
namespace {

constexpr char kEmbedded[] = "embedded";
constexpr char kHBase[] = "hbase";
constexpr char kMemory[] = "memory";

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

 private:
  std::unique_ptr<storage::EmbeddedStore> partitions_;
  std::unique_ptr<storage::EmbeddedDirectory> directory_;
};

// Partitions in HBase; the directory stays in the data directory.
class HBaseBackEnds final : public BackEnds {
 public:
  HBaseBackEnds(std::unique_ptr<middle::PartitionStore> partitions,
                std::unique_ptr<storage::EmbeddedDirectory> directory)
      : partitions_(std::move(partitions)), directory_(std::move(directory)) {}

  middle::PartitionStore& partitions() override { return *partitions_; }
  middle::Directory& directory() override { return *directory_; }
  Status backup(const std::filesystem::path& target) override {
    (void)target;
    return Error{ErrorCode::kUnsupported, "storage.back_end is hbase: HBase has its own snapshots"};
  }

 private:
  std::unique_ptr<middle::PartitionStore> partitions_;
  std::unique_ptr<storage::EmbeddedDirectory> directory_;
};

Status make_directories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  return Error{ErrorCode::kUnavailable,
               fmt::format("cannot make {}: {}", path.string(), error.message())};
}

Result<std::unique_ptr<BackEnds>> open_embedded(const StorageConfig& config, const DataPaths& paths,
                                                Environment environment, bool create) {
  TRY(make_directories(paths.storage()));
  std::error_code error;
  const bool made_before = std::filesystem::exists(paths.partitions(), error);
  if (!made_before && !create) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("there is no storage in {}", paths.storage().string())};
  }
  // The directory first: where a crash ends the making, the next start may make it again.
  storage::EmbeddedDirectoryOptions directory_options;
  directory_options.path = storage::embedded_directory_path(paths.storage().string());
  directory_options.create = !made_before;
  auto directory = storage::open_embedded_directory(directory_options);
  if (!directory.ok()) return directory.error();
  storage::EmbeddedStoreOptions options;
  options.path = storage::embedded_store_path(paths.storage().string());
  options.block_cache_bytes = static_cast<std::size_t>(config.cache_bytes);
  options.reader_threads = static_cast<std::size_t>(config.reader_threads);
  if (create) options.create_with = new_info(config, environment.random);
  auto partitions =
      storage::open_embedded_store(std::move(options), environment.clock, environment.log);
  if (!partitions.ok()) return partitions.error();
  return std::unique_ptr<BackEnds>(
      std::make_unique<EmbeddedBackEnds>(std::move(*partitions), std::move(*directory)));
}

// What a start needs is missing: says what, and how to come by it.
Error no_hbase(const StorageConfig& config, const Error& error) {
  return {error.code,
          fmt::format("storage.back_end is hbase, and hbase.gateways ({}) gives no "
                      "storage: {}; on one machine `./dev services up hbase` starts one",
                      fmt::join(config.hbase.gateways, ", "), error.message)};
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
  // The directory first, as above. One that is lost beside its partitions is an error.
  storage::EmbeddedDirectoryOptions directory_options;
  directory_options.path = storage::embedded_directory_path(paths.storage().string());
  directory_options.create = !made_before;
  auto directory = storage::open_embedded_directory(directory_options);
  if (!directory.ok()) return directory.error();
  if (!made_before) options.create_with = new_info(config, environment.random);
  auto partitions =
      storage::hbase::open_store(std::move(options), environment.clock, environment.log);
  if (!partitions.ok()) return no_hbase(config, partitions.error());
  return std::unique_ptr<BackEnds>(
      std::make_unique<HBaseBackEnds>(std::move(*partitions), std::move(*directory)));
}

// True where `storage init` has nothing to make.
Result<bool> is_made(const StorageConfig& config, const DataPaths& paths, Environment environment) {
  if (config.back_end == kHBase) {
    const auto found =
        storage::hbase::inspect_storage(config.hbase, environment.clock, environment.log);
    if (found.ok() || found.error().code == ErrorCode::kNotFound) return found.ok();
    return no_hbase(config, found.error());
  }
  std::error_code error;
  return std::filesystem::exists(paths.partitions(), error);
}

Result<std::unique_ptr<BackEnds>> open_lasting(const StorageConfig& config, const DataPaths& paths,
                                               Environment environment, bool create) {
  if (config.back_end == kHBase) return open_hbase(config, paths, environment, create);
  return open_embedded(config, paths, environment, create);
}

Status not_memory(const StorageConfig& config) {
  if (config.back_end != kMemory) return {};
  return Error{ErrorCode::kUnsupported, "storage.back_end is memory: there is nothing on disk"};
}

}  // namespace

void declare_config(ConfigSchema& schema, StorageConfig& config) {
  schema.add({.key = "storage.back_end",
              .help = "Where everything is kept: embedded (RocksDB and SQLite in the data "
                      "directory), hbase (partitions in HBase, the directory in SQLite), or memory "
                      "(for tests: all is gone at the end).",
              .choices = {kEmbedded, kHBase, kMemory}},
             config.back_end);
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
}

Result<std::unique_ptr<BackEnds>> open_back_ends(const StorageConfig& config,
                                                 const DataPaths& paths, Environment environment) {
  if (config.back_end == kMemory) {
    return std::unique_ptr<BackEnds>(std::make_unique<MemoryBackEnds>(config, environment));
  }
  return open_lasting(config, paths, environment, true);
}

Status init_storage(const StorageConfig& config, const DataPaths& paths, Environment environment) {
  TRY(not_memory(config));
  const auto made = is_made(config, paths, environment);
  if (!made.ok()) return made.error();
  if (*made) {
    const std::string where = config.back_end == kHBase
                                  ? "HBase under the prefix " + config.hbase.table_prefix
                                  : paths.storage().string();
    return Error{ErrorCode::kAlreadyExists, fmt::format("there is a storage in {} already", where)};
  }
  const auto opened = open_lasting(config, paths, environment, true);
  return opened.ok() ? Status() : opened.error();
}

Result<std::unique_ptr<BackEnds>> open_existing_storage(const StorageConfig& config,
                                                        const DataPaths& paths,
                                                        Environment environment) {
  TRY(not_memory(config));
  return open_lasting(config, paths, environment, false);
}

Result<middle::StorageInfo> restore_storage(const StorageConfig& config, const DataPaths& paths,
                                            const std::filesystem::path& backup, Random& random) {
  if (config.back_end != kEmbedded) {
    return Error{ErrorCode::kUnsupported,
                 "a backup is restored where storage.back_end is embedded"};
  }
  return storage::restore_embedded_backup(backup.string(), paths.storage().string(), random);
}

}  // namespace longwire::daemon
