#include "daemon/serve/storage_check.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "daemon/serve/wait.h"

namespace longwire::daemon {
namespace {

using Rows = std::vector<middle::Row>;

constexpr std::size_t kRowsPerScan = 1000;
constexpr std::size_t kKeyBytesMax = 4096;

Result<Rows> scan(middle::PartitionStore& store, middle::PartitionId partition, Bytes from) {
  middle::ScanRequest request;
  request.from = std::move(from);
  request.to = Bytes(kKeyBytesMax, '\xff');
  request.rows_max = kRowsPerScan;
  return wait_for<Rows>(
      [&](Callback<Rows> done) { store.scan(partition, std::move(request), std::move(done)); });
}

Status check_partition(middle::PartitionStore& store, middle::PartitionId partition,
                       StorageReport& report) {
  const auto head = wait_for<middle::Head>(
      [&](Callback<middle::Head> done) { store.head(partition, std::move(done)); });
  if (!head.ok()) return head.error();
  Bytes from;
  while (true) {
    const auto rows = scan(store, partition, from);
    if (!rows.ok()) return rows.error();
    if (rows->empty()) return {};
    for (const middle::Row& row : *rows) report.bytes += row.key.size() + row.value.size();
    report.rows += rows->size();
    from = rows->back().key + '\0';
  }
}

}  // namespace

Result<StorageReport> check_storage(BackEnds& back_ends) {
  StorageReport report;
  report.info = back_ends.partitions().info();
  for (std::uint16_t partition = 0; partition < report.info.partitions; ++partition) {
    if (auto checked = check_partition(back_ends.partitions(), partition, report); !checked.ok()) {
      Error error = checked.error();
      error.message = fmt::format("partition {}: {}", partition, error.message);
      return error;
    }
  }
  TRY(back_ends.check_directory());
  const auto apps =
      wait_for<std::vector<middle::App>>([&](Callback<std::vector<middle::App>> done) {
        back_ends.directory().list_apps(std::move(done));
      });
  if (!apps.ok()) return apps.error();
  report.apps = apps->size();
  return report;
}

}  // namespace longwire::daemon
