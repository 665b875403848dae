#include "storage/hbase/tables.h"

#include <optional>
#include <utility>

#include "storage/hbase/format.h"

namespace longwire::storage::hbase {
namespace {

using middle::StorageInfo;

constexpr std::int64_t kInfoStamp = 1;

Result<std::optional<TableInfo>> describe(Link& link, const std::string& table) {
  return link.repeated([&](GatewayConnection& gateway) { return gateway.describe_table(table); });
}

// Where a table begins its second, third, … region, each of the same number of partitions.
std::vector<Bytes> splits_of(const Options& options, std::uint16_t partitions) {
  const std::int64_t regions =
      options.regions == 0 ? partitions : std::min<std::int64_t>(options.regions, partitions);
  std::vector<Bytes> splits;
  for (std::int64_t region = 1; region < regions; ++region) {
    splits.push_back(log_row(static_cast<middle::PartitionId>(region * partitions / regions)));
  }
  return splits;
}

// With a time to live, or more than one version, rows would come back: see the decision page.
Status check_settings(const std::string& table, const TableInfo& info) {
  if (info.versions_max == 1 && info.time_to_live_s == kForeverSeconds) return {};
  return Error{ErrorCode::kCorrupt,
               "table " + table + ": family d must keep one version, for ever"};
}

// Made by another meanwhile, or by a try of ours that got no answer: as good.
Status make_table(Link& link, const std::string& table, const std::vector<Bytes>& splits) {
  auto there = describe(link, table);
  if (!there) return std::move(there).error();
  if (there->has_value()) return check_settings(table, **there);
  const Status made =
      link.once([&](GatewayConnection& gateway) { return gateway.create_table(table, splits); });
  if (made.ok()) return {};
  there = describe(link, table);
  return there.ok() && there->has_value() ? Status() : made;
}

Status check_table(Link& link, const std::string& table) {
  const auto there = describe(link, table);
  if (!there) return there.error();
  if (!there->has_value()) {
    return Error{ErrorCode::kNotFound, "HBase has no table " + table};
  }
  TRY(check_settings(table, **there));
  if ((*there)->serves) return {};
  return Error{ErrorCode::kUnavailable, "table " + table + " does not serve yet"};
}

Result<StorageInfo> stored_info(Link& link, const Options& options) {
  const auto cells = link.repeated([&](GatewayConnection& gateway) {
    return gateway.get(options.log_table(), info_row(), {kInfoCell});
  });
  if (!cells) return cells.error();
  if (!cells->empty()) return middle::decode_info(cells->front().value);
  return Error{ErrorCode::kNotFound,
               "no storage was made in HBase under the prefix " + options.table_prefix};
}

}  // namespace

Result<StorageInfo> make_storage(Link& link, const Options& options, const StorageInfo& info) {
  // Through the decoder: what it would refuse later is refused now.
  const auto sound = middle::decode_info(encode_info(info));
  if (!sound) return sound.error();
  const std::vector<Bytes> splits = splits_of(options, info.partitions);
  TRY(make_table(link, options.log_table(), splits));
  TRY(make_table(link, options.rows_table(), splits));
  const ConditionalPut put{info_row(), kInfoCell, {}, {{kInfoCell, encode_info(info), kInfoStamp}}};
  const auto written = link.once(
      [&](GatewayConnection& gateway) { return gateway.put_if(options.log_table(), put); });
  if (!written) return written.error();
  return stored_info(link, options);
}

Result<std::vector<std::string>> making_steps(Link& link, const Options& options,
                                              const StorageInfo& info) {
  std::vector<std::string> steps;
  const std::size_t regions = splits_of(options, info.partitions).size() + 1;
  for (const std::string& table : {options.log_table(), options.rows_table()}) {
    const auto there = describe(link, table);
    if (!there) return there.error();
    if (there->has_value()) {
      TRY(check_settings(table, **there));
    } else {
      steps.push_back("make table " + table + ", regions: " + std::to_string(regions));
    }
  }
  if (steps.empty() && stored_info(link, options).ok()) return steps;
  steps.push_back("write what the storage is, partitions: " + std::to_string(info.partitions));
  return steps;
}

Result<StorageInfo> check_storage(Link& link, const Options& options) {
  TRY(check_table(link, options.log_table()));
  TRY(check_table(link, options.rows_table()));
  return stored_info(link, options);
}

Status check_unchanged(Link& link, const Options& options, const StorageInfo& info) {
  const auto stored = stored_info(link, options);
  if (!stored) return stored.error();
  if (encode_info(*stored) == encode_info(info)) return {};
  return Error{ErrorCode::kCorrupt,
               "the storage in HBase is not the one that was opened: an import into it has begun "
               "since; start again when it has ended"};
}

Status replace_info(Link& link, const Options& options, const StorageInfo& from,
                    const StorageInfo& to) {
  CHECK(from.partitions == to.partitions);
  const auto cells = link.repeated([&](GatewayConnection& gateway) {
    return gateway.get(options.log_table(), info_row(), {kInfoCell});
  });
  if (!cells) return cells.error();
  const Bytes wanted = encode_info(to);
  if (!cells->empty() && cells->front().value == wanted) return {};  // a repeated call
  // Above the stamp that is there: of two cells with one stamp, HBase does not say which stays.
  const std::int64_t stamp = cells->empty() ? kInfoStamp : cells->front().stamp + 1;
  const ConditionalPut put{info_row(), kInfoCell, encode_info(from), {{kInfoCell, wanted, stamp}}};
  const auto written = link.once(
      [&](GatewayConnection& gateway) { return gateway.put_if(options.log_table(), put); });
  if (!written) return written.error();
  if (*written) return {};
  return Error{ErrorCode::kUnavailable, "another program works on the storage in HBase"};
}

Status drop_storage(Link& link, const Options& options) {
  for (const std::string& table : {options.log_table(), options.rows_table()}) {
    const auto there = describe(link, table);
    if (!there) return there.error();
    if (!there->has_value()) continue;
    TRY(link.once([&](GatewayConnection& gateway) { return gateway.drop_table(table); }));
  }
  return {};
}

}  // namespace longwire::storage::hbase
