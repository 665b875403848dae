#include "daemon/transfer/partition_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "daemon/transfer/patience.h"

namespace longwire::daemon {
namespace {

using middle::CommitOutcome;
using middle::Head;

constexpr std::size_t kWriterBytes = 16;

}  // namespace

Result<PartitionWriter> PartitionWriter::open(middle::PartitionStore& store, Executor& executor,
                                              middle::PartitionId partition, Random& random) {
  const middle::WriterId writer(hex_encode(random.bytes(kWriterBytes)));
  auto head = patiently<Head>(
      executor, [&](Callback<Head> done) { store.open(partition, writer, std::move(done)); });
  if (!head.ok()) return std::move(head).error();
  return PartitionWriter(store, executor, partition, writer, std::move(*head));
}

Status PartitionWriter::commit(std::vector<middle::RowWrite> rows, Bytes state, Timestamp stamp) {
  const auto batch = std::make_shared<const middle::Batch>(
      middle::Batch{std::max(stamp, head_.stamp + std::chrono::milliseconds(1)), std::move(state),
                    std::move(rows)});
  const auto outcome = patiently<CommitOutcome>(*executor_, [&](Callback<CommitOutcome> done) {
    store_->commit(partition_, writer_, head_.position + 1, batch, std::move(done));
  });
  if (!outcome.ok()) return outcome.error();
  if (*outcome == CommitOutcome::kDeposed) return deposed();
  ++head_.position;
  head_.stamp = batch->stamp;
  head_.state = batch->state;
  return {};
}

Status PartitionWriter::must_be_ours() {
  const auto now = patiently<Head>(
      *executor_, [&](Callback<Head> done) { store_->head(partition_, std::move(done)); });
  if (!now.ok()) return now.error();
  return now->writer == writer_ && now->position == head_.position ? Status() : Status(deposed());
}

Error PartitionWriter::deposed() const {
  return {ErrorCode::kDeposed,
          fmt::format("a server works on the same storage, and has taken partition {} over: stop "
                      "all servers of this storage, then begin again",
                      partition_)};
}

Result<std::vector<PartitionWriter>> take_over_all(middle::PartitionStore& store,
                                                   Executor& executor, Random& random) {
  std::vector<PartitionWriter> writers;
  for (std::uint16_t partition = 0; partition < store.info().partitions; ++partition) {
    auto writer = PartitionWriter::open(store, executor, partition, random);
    if (!writer.ok()) return std::move(writer).error();
    writers.push_back(std::move(*writer));
  }
  return writers;
}

Status must_be_ours(std::vector<PartitionWriter>& writers) {
  for (PartitionWriter& writer : writers) TRY(writer.must_be_ours());
  return {};
}

}  // namespace longwire::daemon
