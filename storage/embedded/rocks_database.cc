#include "storage/embedded/rocks_database.h"

#include <rocksdb/utilities/checkpoint.h>

#include <mutex>
#include <string_view>
#include <utility>

#include "storage/embedded/rocks_format.h"
#include "storage/embedded/rocks_options.h"

namespace longwire::storage {
namespace {

constexpr std::uint64_t kSpareBytes = 8 * 1024 * 1024;  // for manifest, log and the first rows
constexpr std::size_t kProbeBytes = 64 * 1024;

Error to_error(const rocksdb::Status& status) {
  const bool corrupt = status.IsCorruption();
  return {corrupt ? ErrorCode::kCorrupt : ErrorCode::kUnavailable, "rocksdb: " + status.ToString()};
}

Error closed() { return {ErrorCode::kUnavailable, "the database is being opened anew"}; }

Error open_error(const rocksdb::Status& status, const std::string& path) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos) {
    return {ErrorCode::kUnavailable,
            "data directory " + path + " is in use by another process: " + text};
  }
  if (status.IsInvalidArgument() && text.find("does not exist") != std::string::npos) {
    return {ErrorCode::kNotFound, "no database in " + path};
  }
  return to_error(status);
}

rocksdb::Slice slice(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

// Collects rows until the answer is full.
class ScanAnswer {
 public:
  explicit ScanAnswer(const middle::ScanRequest& request) : request_(request) {}

  Result<bool> take(rocksdb::Slice stored_key, rocksdb::Slice stored_value) {
    const BytesView key = stored_key.ToStringView().substr(sizeof(middle::PartitionId));
    const auto value = row_value(stored_value.ToStringView());
    if (!value) return value.error();
    const std::size_t size = key.size() + value->size();
    if (rows_.size() >= request_.rows_max) return false;
    if (!rows_.empty() && bytes_ + size > request_.bytes_max) return false;
    bytes_ += size;
    rows_.push_back({Bytes(key), Bytes(*value), row_expires(stored_value.ToStringView())});
    return true;
  }
  std::vector<middle::Row> finish() && { return std::move(rows_); }

 private:
  const middle::ScanRequest& request_;
  std::vector<middle::Row> rows_;
  std::size_t bytes_ = 0;
};

}  // namespace

RocksDatabase::RocksDatabase(const std::shared_ptr<rocksdb::FileSystem>& file_system,
                             EmbeddedStoreOptions options, const Clock& clock)
    : options_(std::move(options)),
      own_environment_(file_system ? rocksdb::NewCompositeEnv(file_system) : nullptr),
      rocks_options_(make_rocks_options(
          options_, clock, own_environment_ ? own_environment_.get() : rocksdb::Env::Default())) {}

Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open(
    const std::shared_ptr<rocksdb::FileSystem>& file_system, EmbeddedStoreOptions options,
    const Clock& clock) {
  std::unique_ptr<RocksDatabase> made(new RocksDatabase(file_system, std::move(options), clock));
  TRY(made->open_database());
  return made;
}

Status RocksDatabase::open_database() {
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(rocks_options_, options_.path, &opened);
  database_.reset(opened);
  if (!status.ok()) return open_error(status, options_.path);
  return {};
}

Result<std::optional<Bytes>> RocksDatabase::read(const Bytes& stored_key) const {
  std::shared_lock lock(mutex_);
  if (!database_) return closed();
  Bytes value;
  const auto status = database_->Get({}, slice(stored_key), &value);
  if (status.IsNotFound()) return std::optional<Bytes>();
  if (!status.ok()) return to_error(status);
  return std::optional<Bytes>(std::move(value));
}

Result<std::vector<std::optional<Bytes>>> RocksDatabase::get(middle::PartitionId partition,
                                                             const std::vector<Bytes>& keys) const {
  std::vector<Bytes> stored_keys(keys.size());
  std::vector<rocksdb::Slice> slices(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    make_row_key(partition, keys[i], stored_keys[i]);
    slices[i] = slice(stored_keys[i]);
  }
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  std::shared_lock lock(mutex_);
  if (!database_) return closed();
  database_->MultiGet({}, database_->DefaultColumnFamily(), keys.size(), slices.data(),
                      values.data(), statuses.data());
  std::vector<std::optional<Bytes>> out(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return to_error(statuses[i]);
    const auto value = row_value(values[i].ToStringView());
    if (!value) return value.error();
    out[i].emplace(*value);
  }
  return out;
}

Result<std::vector<middle::Row>> RocksDatabase::scan(middle::PartitionId partition,
                                                     const middle::ScanRequest& request) const {
  if (request.from >= request.to) return std::vector<middle::Row>();
  Bytes from;
  Bytes to;
  make_row_key(partition, request.from, from);
  make_row_key(partition, request.to, to);
  const rocksdb::Slice lower = slice(from);
  const rocksdb::Slice upper = slice(to);
  rocksdb::ReadOptions read_options;
  read_options.iterate_lower_bound = &lower;
  read_options.iterate_upper_bound = &upper;

  std::shared_lock lock(mutex_);
  if (!database_) return closed();
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(read_options));
  ScanAnswer answer(request);
  for (request.reverse ? it->SeekToLast() : it->SeekToFirst(); it->Valid();
       request.reverse ? it->Prev() : it->Next()) {
    const auto taken = answer.take(it->key(), it->value());
    if (!taken) return taken.error();
    if (!*taken) break;
  }
  if (!it->status().ok()) return to_error(it->status());
  return std::move(answer).finish();
}

Status RocksDatabase::write(rocksdb::WriteBatch& batch) {
  std::shared_lock lock(mutex_);
  if (!database_) return closed();
  rocksdb::WriteOptions write_options;
  write_options.sync = options_.sync;
  const auto status = database_->Write(write_options, &batch);
  if (!status.ok()) return to_error(status);
  return {};
}

Status RocksDatabase::check_space() const {
  rocksdb::Env& environment = *rocks_options_.env;
  std::uint64_t in_memory = 0;
  if (database_) database_->GetIntProperty("rocksdb.cur-size-all-mem-tables", &in_memory);
  std::uint64_t space = 0;
  // A replay flushes what the memtables hold.
  if (environment.GetFreeSpace(options_.path, &space).ok() && space < in_memory + kSpareBytes) {
    return Error{ErrorCode::kUnavailable, "no space left on the disk"};
  }
  const std::string probe = options_.path + "/space_probe";
  const auto status =
      rocksdb::WriteStringToFile(&environment, std::string(kProbeBytes, 'x'), probe, true);
  environment.DeleteFile(probe).PermitUncheckedError();
  if (!status.ok()) return to_error(status);
  return {};
}

Status RocksDatabase::reopen() {
  TRY(check_space());
  std::unique_lock lock(mutex_);
  database_.reset();
  return open_database();
}

Status RocksDatabase::checkpoint(const std::string& directory) const {
  std::shared_lock lock(mutex_);
  if (!database_) return closed();
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(database_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
  if (!status.ok()) return to_error(status);
  return {};
}

Status RocksDatabase::compact() {
  std::shared_lock lock(mutex_);
  if (!database_) return closed();
  rocksdb::CompactRangeOptions range_options;
  // The last level too: that is where what has expired lies.
  range_options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  const auto status = database_->CompactRange(range_options, nullptr, nullptr);
  if (!status.ok()) return to_error(status);
  return {};
}

}  // namespace longwire::storage
