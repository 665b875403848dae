#include "daemon/status/recent_latency.h"

#include <algorithm>

namespace longwire::daemon {
namespace {

constexpr double kMicroseconds = 1'000'000;

}  // namespace

std::optional<std::int64_t> RecentLatency::p99_us(const Observed& now) {
  looks_.push_back(now.counts);
  if (looks_.size() > looks_max_) looks_.pop_front();
  std::vector<std::uint64_t> counts = now.counts;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] -= looks_.front()[i];
    total += counts[i];
  }
  if (total == 0) return std::nullopt;
  std::uint64_t left = total - total / 100;
  for (std::size_t i = 0; i < now.upper_bounds.size(); ++i) {
    if (counts[i] >= left) return static_cast<std::int64_t>(now.upper_bounds[i] * kMicroseconds);
    left -= counts[i];
  }
  return static_cast<std::int64_t>(now.upper_bounds.back() * kMicroseconds);  // or above
}

}  // namespace longwire::daemon
