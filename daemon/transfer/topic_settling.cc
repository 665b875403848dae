#include "daemon/transfer/topic_settling.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "daemon/transfer/patience.h"
#include "middle/registry/registry_rows.h"

namespace longwire::daemon {
namespace {

using middle::Position;
using middle::Row;
using Rows = std::vector<Row>;

constexpr char kTable[] = "t";
constexpr char kBehindTable[] = "u";
constexpr std::size_t kRowsPerScan = 1024;
constexpr std::size_t kRowsMax = 1024 * 1024;  // of one position: more do not fit into a batch
constexpr std::size_t kScanBytes = 64 * 1024 * 1024;

Position position_of(const Row& row) { return ByteReader(BytesView(row.key).substr(1)).u64(); }

Result<Rows> scan(middle::PartitionStore& store, Executor& executor, middle::PartitionId partition,
                  std::size_t rows_max) {
  return patiently<Rows>(executor, [&](Callback<Rows> done) {
    middle::ScanRequest request;
    request.from = kTable;
    request.to = kBehindTable;
    request.rows_max = rows_max;
    request.bytes_max = kScanBytes;
    store.scan(partition, std::move(request), std::move(done));
  });
}

// All rows of the lowest position that has some; empty: there are none.
Result<Rows> first_position(middle::PartitionStore& store, Executor& executor,
                            middle::PartitionId partition) {
  for (std::size_t rows_max = kRowsPerScan;; rows_max *= 4) {
    auto rows = scan(store, executor, partition, rows_max);
    if (!rows.ok() || rows->empty()) return rows;
    const Position first = position_of(rows->front());
    const bool whole = rows->size() < rows_max || position_of(rows->back()) != first;
    std::erase_if(*rows, [&](const Row& row) { return position_of(row) != first; });
    if (whole || rows_max >= kRowsMax) return rows;
  }
}

Result<std::vector<middle::TopicChange>> changes_of(const Rows& rows) {
  std::vector<middle::TopicChange> changes;
  for (const Row& row : rows) {
    middle::TopicChangeRow change;
    TRY(decode(row.value, change));
    changes.push_back(std::move(change.change));
  }
  return changes;
}

}  // namespace

bool is_topic_change(BytesView key) { return key.starts_with(kTable); }

Status settle_topics(middle::PartitionStore& store, middle::Directory& directory,
                     Executor& executor, middle::PartitionId partition, PartitionWriter& writer) {
  for (;;) {
    const auto rows = first_position(store, executor, partition);
    if (!rows.ok()) return rows.error();
    if (rows->empty()) return {};
    const auto changes = changes_of(*rows);
    if (!changes.ok()) return changes.error();
    TRY(patiently<void>(executor, [&](Callback<void> done) {
      directory.apply_topic_changes(partition, position_of(rows->front()), *changes,
                                    std::move(done));
    }));
    std::vector<middle::RowWrite> removals;
    for (const Row& row : *rows) removals.push_back({row.key, std::nullopt, std::nullopt});
    TRY(writer.commit(std::move(removals), writer.head().state, writer.head().stamp));
  }
}

}  // namespace longwire::daemon
