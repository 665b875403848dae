#pragma once

// Back-off: how long to wait before the next try. Doubles with each failure, up to a maximum, and
// is spread between half and the whole of it, so that devices that were cut off together do not
// come back together.

#include <algorithm>
#include <chrono>

#include "base/random.h"

namespace longwire::sdk {

// A value.
class Backoff final {
 public:
  Backoff(std::chrono::milliseconds min, std::chrono::milliseconds max)
      : min_(min), max_(std::max(min, max)), next_(min) {}

  std::chrono::milliseconds next(Random& random) {
    const auto whole = next_;
    next_ = std::min(next_ * 2, max_);
    const auto half = static_cast<std::uint64_t>(whole.count()) / 2;
    return std::chrono::milliseconds(half + random.below(half + 1));
  }
  void succeeded() { next_ = min_; }

 private:
  std::chrono::milliseconds min_;
  std::chrono::milliseconds max_;
  std::chrono::milliseconds next_;
};

}  // namespace longwire::sdk
