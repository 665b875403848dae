#include "daemon/serve/storage_check.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "daemon/move/row_kind.h"
#include "daemon/serve/row_mirror.h"
#include "daemon/serve/wait.h"

namespace longwire::daemon {
namespace {

using Rows = std::vector<middle::Row>;

constexpr std::size_t kRowsPerScan = 1000;
constexpr std::size_t kUsersPerPage = 1000;
constexpr std::size_t kKeyBytesMax = 4096;

Error stopped() { return {ErrorCode::kUnavailable, "the server is stopping"}; }

Result<Rows> scan(middle::PartitionStore& store, middle::PartitionId partition, Bytes from) {
  middle::ScanRequest request;
  request.from = std::move(from);
  request.to = Bytes(kKeyBytesMax, '\xff');
  request.rows_max = kRowsPerScan;
  return wait_for<Rows>(
      [&](Callback<Rows> done) { store.scan(partition, std::move(request), std::move(done)); });
}

Status check_partition(middle::PartitionStore& store, middle::PartitionId partition,
                       const std::atomic<bool>& stopping, StorageReport& report) {
  const auto head = wait_for<middle::Head>(
      [&](Callback<middle::Head> done) { store.head(partition, std::move(done)); });
  if (!head.ok()) return head.error();
  Bytes from;
  while (true) {
    if (stopping) return stopped();
    const auto rows = scan(store, partition, from);
    if (!rows.ok()) return rows.error();
    if (rows->empty()) return {};
    for (const middle::Row& row : *rows) {
      report.bytes += row.key.size() + row.value.size();
      ++report.kinds[row_kind(row.key)];
    }
    report.rows += rows->size();
    from = rows->back().key + '\0';
  }
}

Status check_partitions(middle::PartitionStore& store, const std::atomic<bool>& stopping,
                        StorageReport& report) {
  report.info = store.info();
  for (std::uint16_t partition = 0; partition < report.info.partitions; ++partition) {
    auto checked = check_partition(store, partition, stopping, report);
    if (checked.ok()) continue;
    Error error = checked.error();
    error.message = fmt::format("partition {}: {}", partition, error.message);
    return error;
  }
  return {};
}

Status count_directory(middle::Directory& directory, const std::atomic<bool>& stopping,
                       StorageReport& report) {
  using Apps = std::vector<middle::App>;
  using Users = std::vector<middle::User>;
  const auto apps =
      wait_for<Apps>([&](Callback<Apps> done) { directory.list_apps(std::move(done)); });
  if (!apps.ok()) return apps.error();
  report.apps = apps->size();
  middle::XmppAccount after;
  while (true) {
    if (stopping) return stopped();
    const auto users = wait_for<Users>(
        [&](Callback<Users> done) { directory.list_users(after, kUsersPerPage, std::move(done)); });
    if (!users.ok()) return users.error();
    if (users->empty()) return {};
    report.users += users->size();
    after = users->back().account;
  }
}

// Null where no Redis is to have any.
Json copies_json(const StorageConfig& config, const middle::StorageInfo& info,
                 const Environment& environment) {
  if (config.cache != kCacheRedis) return Json();
  const auto census = count_copies(config, info, environment);
  if (!census.ok()) return Json{{"error", census.error().message}};
  return Json{
      {"partitions", census->partitions}, {"rows", census->copies}, {"outdated", census->outdated}};
}

}  // namespace

Result<StorageReport> check_storage(BackEnds& back_ends, const std::atomic<bool>& stopping) {
  StorageReport report;
  TRY(check_partitions(back_ends.partitions(), stopping, report));
  TRY(back_ends.check_directory());
  TRY(count_directory(back_ends.directory(), stopping, report));
  return report;
}

Json report_json(const StorageReport& report, const StorageConfig& config, const DataPaths& paths,
                 const Environment& environment) {
  return {{"partitions", report.info.partitions},
          {"incarnation", report.info.incarnation.value()},
          {"feeds", feeds_place(config, paths)},
          {"rows", report.rows},
          {"bytes", report.bytes},
          {"kinds", report.kinds},
          {"directory", directory_place(config, paths)},
          {"apps", report.apps},
          {"users", report.users},
          {"cache", cache_place(config)},
          {"copies", copies_json(config, report.info, environment)}};
}

}  // namespace longwire::daemon
