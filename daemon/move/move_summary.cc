#include "daemon/move/move_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/hash.h"

namespace longwire::daemon {
namespace {

constexpr std::uint64_t kStateSeed = 1;  // a state is no row of the same bytes

MoveTally of_kind(const MoveSummary& summary, const std::string& kind) {
  const auto found = summary.kinds.find(kind);
  return found == summary.kinds.end() ? MoveTally() : found->second;
}

std::string text_of(const std::string& what, const MoveTally& expected, const MoveTally& found) {
  return fmt::format("{}: {} rows, checksum {:016x}, instead of {} rows, checksum {:016x}", what,
                     found.rows, found.checksum, expected.rows, expected.checksum);
}

}  // namespace

void MoveTally::add_row(BytesView item, std::size_t size) {
  ++rows;
  bytes += size;
  checksum += hash64(item);
}

void MoveTally::add_state(BytesView state) { checksum += hash64(state, kStateSeed); }

MoveTally& MoveTally::operator+=(const MoveTally& other) {
  rows += other.rows;
  bytes += other.bytes;
  checksum += other.checksum;
  return *this;
}

MoveTally MoveSummary::all() const {
  MoveTally all;
  for (const auto& [kind, tally] : kinds) all += tally;
  return all;
}

std::string difference(const MoveSummary& expected, const MoveSummary& found) {
  std::set<std::string> kinds;
  for (const auto& [kind, tally] : expected.kinds) kinds.insert(kind);
  for (const auto& [kind, tally] : found.kinds) kinds.insert(kind);
  for (const std::string& kind : kinds) {
    const MoveTally one = of_kind(expected, kind);
    const MoveTally other = of_kind(found, kind);
    if (one != other) return text_of(kind, one, other);
  }
  if (expected.directory != found.directory) {
    return text_of("directory", expected.directory, found.directory);
  }
  for (std::size_t i = 0; i < std::max(expected.partitions.size(), found.partitions.size()); ++i) {
    const MoveTally one = i < expected.partitions.size() ? expected.partitions[i] : MoveTally();
    const MoveTally other = i < found.partitions.size() ? found.partitions[i] : MoveTally();
    if (one != other) return text_of(fmt::format("partition {}", i), one, other);
  }
  return "";
}

}  // namespace longwire::daemon
