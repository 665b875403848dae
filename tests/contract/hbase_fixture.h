#pragma once

// The vocabulary of the attacks on storage/hbase: processes that share one storage, each behind a
// saboteur of its own; and a look at the tables as they are.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "storage/hbase/format.h"
#include "storage/hbase/hbase_store.h"
#include "storage/hbase/thrift_connection.h"
#include "tests/contract/back_ends.h"
#include "tests/contract/saboteur.h"

namespace longwire::test {

namespace hbase = storage::hbase;
using middle::Batch;
using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::Row;
using middle::WriterId;
using Values = std::vector<std::optional<Bytes>>;

// The machine's clock, ahead by as much as a test says. Thread-safe.
class SteppedClock final : public Clock {
 public:
  Timestamp now() const override { return {system_clock().now().ms + ahead_ms_}; }
  MonotonicTime monotonic() const override { return system_clock().monotonic(); }
  void step(std::chrono::milliseconds by) { ahead_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ahead_ms_{0};
};

// Makes a call and waits for its answer.
template <typename T, typename Call>
Result<T> ask(Call call) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto answer = promise->get_future();
  call(Callback<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
  return answer.get();
}

// One process on the storage. Its end is orderly; what its saboteur holds up must be released
// first.
class Process final {
 public:
  Process(hbase::Options options, const Clock& clock) {
    options.connect = saboteur.connect();
    auto opened = hbase::open_store(std::move(options), clock, null_log(), unseen_metrics());
    CHECK(opened.ok());
    store = std::move(*opened);
  }

  Result<Head> open(PartitionId partition, const std::string& writer) {
    return ask<Head>([&](auto done) { store->open(partition, WriterId(writer), std::move(done)); });
  }
  Result<CommitOutcome> commit(PartitionId partition, const std::string& writer, Position position,
                               const middle::BatchPtr& batch) {
    return ask<CommitOutcome>([&](auto done) {
      store->commit(partition, WriterId(writer), position, batch, std::move(done));
    });
  }
  Result<Head> head(PartitionId partition) {
    return ask<Head>([&](auto done) { store->head(partition, std::move(done)); });
  }
  Result<Values> get(PartitionId partition, std::vector<Bytes> keys) {
    return ask<Values>([&](auto done) { store->get(partition, std::move(keys), std::move(done)); });
  }
  Result<std::vector<Row>> scan(PartitionId partition, middle::ScanRequest request) {
    return ask<std::vector<Row>>(
        [&](auto done) { store->scan(partition, std::move(request), std::move(done)); });
  }

  // Before the store: it outlives its threads.
  Saboteur saboteur{[](const std::string& address) {
    return hbase::connect_thrift(address, hbase::ThriftLimits());
  }};
  std::unique_ptr<middle::PartitionStore> store;
};

class HBaseAttack : public testing::Test {
 protected:
  static constexpr int kLooksMax = 5000;

  HBaseAttack() {
    options_.create_with = contract_storage_info();
    options_.create_with->partitions = 64;
    options_.backoff_min = std::chrono::milliseconds(1);
    options_.backoff_max = std::chrono::milliseconds(5);
  }
  ~HBaseAttack() override {
    processes_.clear();
    CHECK(hbase::remove_storage(options_, system_clock(), null_log()).ok());
  }

  Process& start() {
    processes_.push_back(std::make_unique<Process>(options_, clock_));
    return *processes_.back();
  }
  void stop(const Process& process) {
    std::erase_if(processes_, [&](const auto& each) { return each.get() == &process; });
  }

  // Stamps that rise from batch to batch.
  middle::BatchPtr batch(std::vector<middle::RowWrite> rows, Bytes state = "state") {
    return std::make_shared<const Batch>(
        Batch{Timestamp{stamp_ += 1000}, std::move(state), std::move(rows)});
  }
  static middle::RowWrite row(Bytes key, Bytes value) {
    return {std::move(key), std::move(value), std::nullopt};
  }

  // What the rows table holds of a key, whoever may read it.
  std::optional<Bytes> in_table(PartitionId partition, const Bytes& key) {
    const auto rows = gateway().get_rows(options_.rows_table(), {hbase::row_key(partition, key)});
    CHECK(rows.ok());
    if (rows->front().cells.empty()) return std::nullopt;
    const auto value = hbase::decode_row(rows->front().cells.front().value);
    if (value->removed) return std::nullopt;
    return Bytes(value->value);
  }
  std::size_t stored_cells(PartitionId partition, const Bytes& key) {
    const auto rows = gateway().get_rows(options_.rows_table(), {hbase::row_key(partition, key)});
    CHECK(rows.ok());
    return rows->front().cells.size();
  }
  bool comes_to_be_gone(PartitionId partition, const Bytes& key) {
    for (int i = 0; i < kLooksMax; ++i) {
      if (stored_cells(partition, key) == 0) return true;
    }
    return false;
  }
  // Looks until it does, or for some seconds.
  bool comes_to_hold(PartitionId partition, const Bytes& key, const std::optional<Bytes>& value) {
    for (int i = 0; i < kLooksMax; ++i) {
      if (in_table(partition, key) == value) return true;
    }
    return false;
  }
  hbase::GatewayConnection& gateway() {
    if (!gateway_) {
      auto made = hbase::connect_thrift(hbase_gateway().value(), hbase::ThriftLimits());
      CHECK(made.ok());
      gateway_ = std::move(*made);
    }
    return *gateway_;
  }

  SteppedClock clock_;
  hbase::Options options_ = hbase_test_options();
  std::vector<std::unique_ptr<Process>> processes_;
  std::unique_ptr<hbase::GatewayConnection> gateway_;
  std::int64_t stamp_ = 1'000'000;
};

}  // namespace longwire::test
