#pragma once

// The vocabulary of the partition store's contract suite.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/back_ends.h"

namespace longwire::test {

using middle::Batch;
using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::Row;
using middle::ScanRequest;
using middle::WriterId;

inline std::string name_of(const testing::TestParamInfo<BackEndKind>& info) {
  return info.param.name;
}

class StoreContract : public testing::TestWithParam<BackEndKind> {
 protected:
  middle::PartitionStore& store() { return back_end_->store(); }

  Result<Head> try_open(PartitionId partition, const std::string& writer) {
    return await<Head>(
        *back_end_, [&](auto done) { store().open(partition, WriterId(writer), std::move(done)); });
  }
  Head open(PartitionId partition, const std::string& writer) {
    return try_open(partition, writer).value();
  }
  Head head(PartitionId partition) {
    return await<Head>(*back_end_, [&](auto done) { store().head(partition, std::move(done)); })
        .value();
  }
  Result<CommitOutcome> try_commit(PartitionId partition, const std::string& writer,
                                   Position position, Batch batch) {
    return await<CommitOutcome>(*back_end_, [&](auto done) {
      store().commit(partition, WriterId(writer), position,
                     std::make_shared<const Batch>(std::move(batch)), std::move(done));
    });
  }
  CommitOutcome commit(PartitionId partition, const std::string& writer, Position position,
                       Batch batch) {
    return try_commit(partition, writer, position, std::move(batch)).value();
  }
  std::optional<Bytes> get(PartitionId partition, const Bytes& key) {
    return get_all(partition, {key}).front();
  }
  std::vector<std::optional<Bytes>> get_all(PartitionId partition, std::vector<Bytes> keys) {
    using Values = std::vector<std::optional<Bytes>>;
    return await<Values>(
               *back_end_,
               [&](auto done) { store().get(partition, std::move(keys), std::move(done)); })
        .value();
  }
  std::vector<Row> scan(PartitionId partition, ScanRequest request) {
    return await<std::vector<Row>>(
               *back_end_,
               [&](auto done) { store().scan(partition, std::move(request), std::move(done)); })
        .value();
  }
  std::vector<Bytes> scan_keys(PartitionId partition, ScanRequest request) {
    std::vector<Bytes> keys;
    for (Row& row : scan(partition, std::move(request))) keys.push_back(std::move(row.key));
    return keys;
  }

  // Stamps that rise from batch to batch.
  Batch batch(std::vector<middle::RowWrite> rows, Bytes state = "state") {
    return {Timestamp{stamp_ += 1000}, std::move(state), std::move(rows)};
  }
  static middle::RowWrite row(Bytes key, Bytes value) {
    return {std::move(key), std::move(value), std::nullopt};
  }
  static middle::RowWrite removed(Bytes key) {
    return {std::move(key), std::nullopt, std::nullopt};
  }

  std::unique_ptr<BackEnd> back_end_ = GetParam().make();
  std::int64_t stamp_ = 1'000'000;
};

}  // namespace longwire::test
