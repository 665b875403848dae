#pragma once

// The vocabulary of the embedded store's own tests: one store on a disk that can fail.

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/embedded/embedded_store.h"
#include "storage/embedded/rocks_options.h"
#include "tests/contract/back_ends.h"
#include "tests/contract/fault_file_system.h"

namespace longwire::test {

using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::WriterId;

template <typename T, typename Call>
Result<T> wait_for(Call call) {
  std::promise<Result<T>> promise;
  call(Callback<T>([&](Result<T> result) { promise.set_value(std::move(result)); }));
  return promise.get_future().get();
}

class EmbeddedFixture : public testing::Test {
 protected:
  EmbeddedFixture() {
    options_.path = where_.path() + "/partitions";
    options_.create_with = contract_storage_info();
    options_.retry_interval = std::chrono::milliseconds(0);
  }

  void open() {
    auto opened = storage::open_embedded_store_on(disk_, options_, clock(), null_log());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(*opened);
  }
  virtual const Clock& clock() { return system_clock(); }
  void cut_power_and_open() {
    disk_->cut_power();
    store_.reset();
    disk_->restore_power();
    open();
  }

  Head take_over(PartitionId partition = 0, const std::string& writer = "w") {
    return wait_for<Head>(
               [&](auto done) { store_->open(partition, WriterId(writer), std::move(done)); })
        .value();
  }
  Result<Head> head(PartitionId partition = 0) {
    return wait_for<Head>([&](auto done) { store_->head(partition, std::move(done)); });
  }
  // Commits rows "<position>" and "<position>b" at `position`, which also is its stamp.
  Result<CommitOutcome> commit(Position position, std::size_t value_bytes = 100,
                               PartitionId partition = 0) {
    return wait_for<CommitOutcome>([&](auto done) {
      store_->commit(partition, WriterId("w"), position, batch_of(position, value_bytes),
                     std::move(done));
    });
  }
  static middle::BatchPtr batch_of(Position position, std::size_t value_bytes) {
    const Bytes key = std::to_string(position);
    const Bytes value(value_bytes, 'x');
    return std::make_shared<const middle::Batch>(
        middle::Batch{Timestamp{static_cast<std::int64_t>(position) * 10},
                      "state",
                      {{key, value, std::nullopt}, {key + "b", value, std::nullopt}}});
  }
  // Is the batch of `position` in? Fails the test where half of it is.
  bool is_in(Position position, PartitionId partition = 0) {
    const Bytes key = std::to_string(position);
    const auto values = read(partition, {key, key + "b"});
    EXPECT_EQ(values[0].has_value(), values[1].has_value()) << "half of " << position;
    return values[0].has_value();
  }
  std::vector<std::optional<Bytes>> read(PartitionId partition, std::vector<Bytes> keys) {
    return wait_for<std::vector<std::optional<Bytes>>>(
               [&](auto done) { store_->get(partition, std::move(keys), std::move(done)); })
        .value();
  }

  TemporaryDirectory where_;
  std::shared_ptr<FaultFileSystem> disk_ = std::make_shared<FaultFileSystem>(1);
  storage::EmbeddedStoreOptions options_;
  std::unique_ptr<storage::EmbeddedStore> store_;
};

}  // namespace longwire::test
