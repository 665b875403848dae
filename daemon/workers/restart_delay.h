#pragma once

// RestartDelay: how long a process that ended waits for its successor: not at all after it served
// for a while; else twice as long each time, so that one that cannot start does not spin.

#include <algorithm>
#include <chrono>

namespace longwire::daemon {

// A value.
class RestartDelay final {
 public:
  static constexpr std::chrono::milliseconds kFirst{200};
  static constexpr std::chrono::milliseconds kServedWell{10'000};

  explicit RestartDelay(std::chrono::milliseconds max) : max_(max) {}

  // Of one that served for `served`; zero: it never did.
  std::chrono::milliseconds next(std::chrono::milliseconds served) {
    if (served >= kServedWell) next_ = std::chrono::milliseconds(0);
    const auto now = next_;
    next_ = std::min(std::max(next_ * 2, kFirst), max_);
    return now;
  }

 private:
  std::chrono::milliseconds max_;
  std::chrono::milliseconds next_{0};
};

}  // namespace longwire::daemon
