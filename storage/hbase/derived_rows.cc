#include "storage/hbase/derived_rows.h"

#include <iterator>
#include <unordered_set>

#include "storage/hbase/format.h"

namespace longwire::storage::hbase {
namespace {

std::size_t bytes_of(const StoredRow& row) {
  return row.key.size() + row.cells.front().value.size();
}

}  // namespace

void append_derived(middle::PartitionId partition, const LoggedBatches& batches,
                    std::chrono::milliseconds removed_kept, std::vector<StoredRow>& out) {
  std::unordered_set<BytesView> written;
  for (auto it = batches.rbegin(); it != batches.rend(); ++it) {
    const middle::Batch& batch = *it->second;
    for (const middle::RowWrite& row : batch.rows) {
      if (!written.insert(row.key).second) continue;
      out.push_back({row_key(partition, row.key),
                     {{kValueCell, encode_row(row, batch.stamp, removed_kept), batch.stamp.ms}}});
    }
  }
}

Status put_derived(Link& link, const Options& options, std::vector<StoredRow> rows) {
  const auto rows_max = static_cast<std::size_t>(options.derive_rows_max);
  const auto bytes_max = static_cast<std::size_t>(options.derive_bytes_max);
  std::vector<StoredRow> call;
  for (std::size_t next = 0; next < rows.size();) {
    call.clear();
    std::size_t bytes = 0;
    while (next < rows.size() && call.size() < rows_max &&
           (call.empty() || bytes + bytes_of(rows[next]) <= bytes_max)) {
      bytes += bytes_of(rows[next]);
      call.push_back(std::move(rows[next++]));
    }
    TRY(link.repeated(
        [&](GatewayConnection& gateway) { return gateway.put_rows(options.rows_table(), call); }));
  }
  return {};
}

}  // namespace longwire::storage::hbase
