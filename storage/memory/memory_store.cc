#include "storage/memory/memory_store.h"

#include <iterator>
#include <optional>
#include <utility>

#include "storage/memory/memory_storage.h"

namespace longwire::storage {
namespace {

using middle::Batch;
using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::Row;
using middle::ScanRequest;
using middle::WriterId;

std::size_t batch_bytes(const Batch& batch) {
  std::size_t total = batch.state.size();
  for (const auto& row : batch.rows) {
    total += row.key.size() + (row.value ? row.value->size() : 0);
  }
  return total;
}

Head take_over(MemoryPartition& partition, WriterId writer) {
  Head& head = partition.head;
  if (head.writer == writer) return head;  // a repeated call
  head.previous_writer = std::exchange(head.writer, std::move(writer));
  head.previous_position = head.position++;
  head.stamp = head.stamp + std::chrono::milliseconds(1);
  return head;
}

Result<CommitOutcome> apply(MemoryPartition& partition, const WriterId& writer, Position position,
                            const Batch& batch) {
  Head& head = partition.head;
  if (head.writer != writer) return CommitOutcome::kDeposed;
  if (head.position == position) return CommitOutcome::kDone;  // a repeated call
  if (head.position + 1 != position) return CommitOutcome::kDeposed;
  if (batch.stamp <= head.stamp) {
    return Error{ErrorCode::kInvalidArgument, "a batch's stamp must be above the head's"};
  }
  if (batch_bytes(batch) > middle::kBatchBytesMax) {
    return Error{ErrorCode::kInvalidArgument, "batch too large"};
  }
  head.position = position;
  head.stamp = batch.stamp;
  head.state = batch.state;
  for (const auto& row : batch.rows) {
    if (row.value) {
      partition.rows.insert_or_assign(row.key,
                                      MemoryRow{*row.value, middle::stored_expiry(row.expires)});
    } else {
      partition.rows.erase(row.key);
    }
  }
  return CommitOutcome::kDone;
}

// Takes one row; false where the answer is full.
bool take_row(const std::pair<const Bytes, MemoryRow>& row, const ScanRequest& request,
              std::size_t& bytes, std::vector<Row>& out) {
  const std::size_t size = row.first.size() + row.second.value.size();
  if (out.size() >= request.rows_max) return false;
  if (!out.empty() && bytes + size > request.bytes_max) return false;
  bytes += size;
  out.push_back({row.first, row.second.value, row.second.expires});
  return true;
}

std::vector<Row> scan_rows(const std::map<Bytes, MemoryRow>& rows, const ScanRequest& request) {
  std::vector<Row> out;
  if (request.from >= request.to) return out;
  const auto begin = rows.lower_bound(request.from);
  const auto end = rows.lower_bound(request.to);
  std::size_t bytes = 0;
  if (request.reverse) {
    for (auto it = end; it != begin && take_row(*std::prev(it), request, bytes, out); --it) {
    }
  } else {
    for (auto it = begin; it != end && take_row(*it, request, bytes, out); ++it) {
    }
  }
  return out;
}

class MemoryStore final : public middle::PartitionStore {
 public:
  MemoryStore(Executor& executor, std::shared_ptr<MemoryStorage> storage)
      : executor_(executor), storage_(std::move(storage)) {}

  const middle::StorageInfo& info() const override { return storage_->info; }

  void open(PartitionId partition, WriterId writer, Callback<Head> done) override {
    answer<Head>(partition, std::move(done),
                 [&](MemoryPartition& data) { return take_over(data, std::move(writer)); });
  }

  void commit(PartitionId partition, const WriterId& writer, Position position,
              middle::BatchPtr batch, Callback<CommitOutcome> done) override {
    answer<CommitOutcome>(partition, std::move(done), [&](MemoryPartition& data) {
      return apply(data, writer, position, *batch);
    });
  }

  void head(PartitionId partition, Callback<Head> done) override {
    answer<Head>(partition, std::move(done), [](MemoryPartition& data) { return data.head; });
  }

  void get(PartitionId partition, std::vector<Bytes> keys,
           Callback<std::vector<std::optional<Bytes>>> done) override {
    using Values = std::vector<std::optional<Bytes>>;
    answer<Values>(partition, std::move(done), [&](MemoryPartition& data) {
      Values values;
      for (const Bytes& key : keys) {
        const auto it = data.rows.find(key);
        values.push_back(it == data.rows.end() ? std::nullopt
                                               : std::optional<Bytes>(it->second.value));
      }
      return values;
    });
  }

  void scan(PartitionId partition, ScanRequest request, Callback<std::vector<Row>> done) override {
    answer<std::vector<Row>>(partition, std::move(done),
                             [&](MemoryPartition& data) { return scan_rows(data.rows, request); });
  }

 private:
  template <typename T, typename Work>
  void answer(PartitionId partition, Callback<T> done, Work work) {
    Result<T> result = [&]() -> Result<T> {
      auto partitions = storage_->partitions.lock();
      if (partition >= partitions->size()) {
        return Error{ErrorCode::kInvalidArgument, "no such partition"};
      }
      return work((*partitions)[partition]);
    }();
    executor_.post([done = std::move(done), result = std::move(result)]() mutable {
      done(std::move(result));
    });
  }

  Executor& executor_;
  std::shared_ptr<MemoryStorage> storage_;
};

}  // namespace

std::shared_ptr<MemoryStorage> make_memory_storage(middle::StorageInfo info) {
  return std::make_shared<MemoryStorage>(std::move(info));
}

std::unique_ptr<middle::PartitionStore> make_memory_store(Executor& executor,
                                                          std::shared_ptr<MemoryStorage> storage) {
  return std::make_unique<MemoryStore>(executor, std::move(storage));
}

std::unique_ptr<middle::PartitionStore> make_memory_store(Executor& executor,
                                                          middle::StorageInfo info) {
  return make_memory_store(executor, make_memory_storage(std::move(info)));
}

}  // namespace longwire::storage
