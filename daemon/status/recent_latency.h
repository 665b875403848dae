#pragma once

// RecentLatency: a percentile of what a histogram counted in the last seconds.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/metrics.h"

namespace longwire::daemon {

// Not thread-safe.
class RecentLatency final {
 public:
  // `looks_max`: how many looks back it reaches.
  explicit RecentLatency(std::size_t looks_max) : looks_max_(looks_max) {}

  // Takes a look. The upper bound, in microseconds, of the bucket that holds the 99th percentile
  // since the oldest look kept; empty: nothing was counted.
  std::optional<std::int64_t> p99_us(const Observed& now);

 private:
  const std::size_t looks_max_;
  std::deque<std::vector<std::uint64_t>> looks_;
};

}  // namespace longwire::daemon
