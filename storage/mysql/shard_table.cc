#include "storage/mysql/shard_table.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/hash.h"

namespace longwire::storage::mysql {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::uint64_t kHashMax = 0xFFFF;
constexpr std::string_view kRangePrefix = "hash:";

Error invalid(const std::string& key, const std::string& entry, const std::string& why) {
  return {ErrorCode::kInvalidArgument, key + ": \"" + entry + "\": " + why};
}

// The last '=': an app's id may hold one, a shard's name may not.
std::optional<std::pair<std::string, std::string>> split(const std::string& entry) {
  const auto at = entry.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == entry.size()) return std::nullopt;
  return std::pair(entry.substr(0, at), entry.substr(at + 1));
}

std::optional<std::uint64_t> hash_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number <= kHashMax ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<ShardTable> ShardTable::parse(const Options& options) {
  ShardTable table;
  table.names_.emplace_back(kMainShard);
  table.options_.push_back(options);
  for (const std::string& entry : options.shards) TRY(table.add_shard(options, entry));
  for (const std::string& entry : options.shard_apps) TRY(table.add_apps(entry));
  return table;
}

Status ShardTable::add_shard(const Options& options, const std::string& entry) {
  const auto parts = split(entry);
  if (!parts) return invalid("mysql.shards", entry, "must be \"name=host:port\"");
  const auto& [name, servers] = *parts;
  if (name.size() > kNameMax) return invalid("mysql.shards", entry, "the name is too long");
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
    return invalid("mysql.shards", entry, "there is a shard of this name already");
  }
  const auto plus = servers.find('+');
  Options at = options.at(servers.substr(0, plus));
  at.peer = plus == std::string::npos ? "" : servers.substr(plus + 1);
  for (const std::string& address : {at.address, at.peer}) {
    if (address.empty() && plus == std::string::npos) continue;
    if (const Status status = check_address(address); !status.ok()) {
      return invalid("mysql.shards", entry, "must be \"name=host:port\"");
    }
  }
  names_.push_back(name);
  options_.push_back(std::move(at));
  return {};
}

Status ShardTable::add_apps(const std::string& entry) {
  const auto parts = split(entry);
  if (!parts) return invalid("mysql.shard_apps", entry, "must be \"app=shard\"");
  const auto found = std::find(names_.begin(), names_.end(), parts->second);
  if (found == names_.end()) {
    return invalid("mysql.shard_apps", entry, "mysql.shards has no shard of this name");
  }
  const auto shard = static_cast<std::size_t>(found - names_.begin());
  if (parts->first.starts_with(kRangePrefix)) {
    const Status status = add_range(parts->first.substr(kRangePrefix.size()), shard);
    return status.ok() ? status : invalid("mysql.shard_apps", entry, status.error().message);
  }
  if (apps_.emplace(parts->first, shard).second) return {};
  return invalid("mysql.shard_apps", entry, "this app has a shard already");
}

Status ShardTable::add_range(const std::string& text, std::size_t shard) {
  const auto minus = std::min(text.find('-'), text.size());
  const auto first = hash_number(text.substr(0, minus));
  const auto last = hash_number(text.substr(std::min(minus + 1, text.size())));
  if (!first || !last || *first > *last) {
    return Error{ErrorCode::kInvalidArgument, "a range is \"hash:0-65535\", or a part of it"};
  }
  const auto next = ranges_.upper_bound(*last);
  if (next != ranges_.begin() && std::prev(next)->second.last >= *first) {
    return Error{ErrorCode::kInvalidArgument, "the range overlaps with another"};
  }
  ranges_[*first] = {.last = *last, .shard = shard};
  return {};
}

std::size_t ShardTable::shard_of(const middle::AppId& app) const {
  if (const auto found = apps_.find(app.value()); found != apps_.end()) return found->second;
  const auto next = ranges_.upper_bound(home_hash(app.value()));
  if (next == ranges_.begin()) return 0;
  const Range& range = std::prev(next)->second;
  return home_hash(app.value()) <= range.last ? range.shard : 0;
}

}  // namespace longwire::storage::mysql
