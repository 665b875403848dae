#include "storage/embedded/embedded_store.h"

#include <utility>

#include "storage/embedded/committer.h"
#include "storage/embedded/rocks_database.h"
#include "storage/embedded/rocks_format.h"
#include "storage/embedded/rocks_options.h"
#include "storage/embedded/worker_pool.h"

namespace longwire::storage {
namespace {

using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Row;
using middle::ScanRequest;
using middle::StorageInfo;

Status write_info(RocksDatabase& database, const StorageInfo& info) {
  rocksdb::WriteBatch batch;
  const auto status = batch.Put(info_key(), encode_info(info));
  CHECK(status.ok());
  return database.write(batch);
}

// Reads what the database was made with, or makes it.
Result<StorageInfo> load_info(RocksDatabase& database, const EmbeddedStoreOptions& options) {
  const auto stored = database.read(info_key());
  if (!stored) return stored.error();
  if (stored->has_value()) return middle::decode_info(**stored);
  if (!options.create_with) {
    return Error{ErrorCode::kNotFound, "no storage was made in " + options.path};
  }
  // Through the decoder: what it would refuse later is refused now.
  auto info = middle::decode_info(encode_info(*options.create_with));
  if (info) TRY(write_info(database, *info));
  return info;
}

class EmbeddedStoreImpl final : public EmbeddedStore {
 public:
  EmbeddedStoreImpl(EmbeddedStoreOptions options, std::unique_ptr<RocksDatabase> database,
                    StorageInfo info, std::vector<Head> heads, const Clock& clock, LogSink& log)
      : options_(std::move(options)),
        database_(std::move(database)),
        info_(std::move(info)),
        committer_(*database_, options_, std::move(heads), clock, log),
        readers_(options_.reader_threads, options_.reads_queued_max) {}

  const StorageInfo& info() const override { return info_; }

  void open(PartitionId partition, middle::WriterId writer, Callback<Head> done) override {
    committer_.open(partition, std::move(writer), std::move(done));
  }

  void commit(PartitionId partition, const middle::WriterId& writer, middle::Position position,
              middle::BatchPtr batch, Callback<CommitOutcome> done) override {
    committer_.commit(partition, writer, position, std::move(batch), std::move(done));
  }

  void head(PartitionId partition, Callback<Head> done) override {
    readers_.submit([this, partition, done = std::move(done)](bool admitted) mutable {
      if (!admitted) return done(too_many_reads());
      committer_.head(partition, std::move(done));
    });
  }

  void get(PartitionId partition, std::vector<Bytes> keys,
           Callback<std::vector<std::optional<Bytes>>> done) override {
    read<std::vector<std::optional<Bytes>>>(
        partition, std::move(done),
        [this, partition, keys = std::move(keys)] { return database_->get(partition, keys); });
  }

  void scan(PartitionId partition, ScanRequest request, Callback<std::vector<Row>> done) override {
    read<std::vector<Row>>(partition, std::move(done),
                           [this, partition, request = std::move(request)] {
                             return database_->scan(partition, request);
                           });
  }

  Status checkpoint(const std::string& directory,
                    UniqueFunction<Status()> at_that_moment) override {
    return committer_.run_between_groups([&]() -> Status {
      if (at_that_moment) TRY(at_that_moment());
      return database_->checkpoint(directory);
    });
  }

  Status compact() override { return database_->compact(); }

 private:
  Error too_many_reads() const {
    return {ErrorCode::kUnavailable, "too many reads wait", options_.retry_interval};
  }

  template <typename T, typename Work>
  void read(PartitionId partition, Callback<T> done, Work work) {
    const bool exists = partition < info_.partitions;
    readers_.submit(
        [this, exists, done = std::move(done), work = std::move(work)](bool admitted) mutable {
          if (!exists) return done(Error{ErrorCode::kInvalidArgument, "no such partition"});
          if (!admitted) {
            return done(too_many_reads());
          }
          done(work());
        });
  }

  const EmbeddedStoreOptions options_;
  const std::unique_ptr<RocksDatabase> database_;
  const StorageInfo info_;
  Committer committer_;
  WorkerPool readers_;  // goes first: a read asks the committer for heads
};

}  // namespace

Result<std::unique_ptr<EmbeddedStore>> open_embedded_store_on(
    const std::shared_ptr<rocksdb::FileSystem>& file_system, EmbeddedStoreOptions options,
    const Clock& clock, LogSink& log) {
  auto database = RocksDatabase::open(file_system, options, clock);
  if (!database) return std::move(database).error();
  auto info = load_info(**database, options);
  if (!info) return std::move(info).error();
  auto heads = read_heads(**database, info->partitions);
  if (!heads) return std::move(heads).error();
  std::unique_ptr<EmbeddedStore> store = std::make_unique<EmbeddedStoreImpl>(
      std::move(options), std::move(*database), std::move(*info), std::move(*heads), clock, log);
  return store;
}

Result<std::unique_ptr<EmbeddedStore>> open_embedded_store(EmbeddedStoreOptions options,
                                                           const Clock& clock, LogSink& log) {
  return open_embedded_store_on(nullptr, std::move(options), clock, log);
}

Status set_embedded_info(const std::string& path, const StorageInfo& info) {
  EmbeddedStoreOptions options;
  options.path = path;
  auto database = RocksDatabase::open(nullptr, options, system_clock());
  if (!database) return std::move(database).error();
  const auto stored = load_info(**database, options);
  if (!stored) return stored.error();
  if (stored->partitions != info.partitions) {
    return Error{ErrorCode::kInvalidArgument, "a storage keeps its number of partitions"};
  }
  return write_info(**database, info);
}

}  // namespace longwire::storage
