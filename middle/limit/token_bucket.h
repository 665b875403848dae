#pragma once

// TokenBucket: a rate with a burst of one second's worth. A value.

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace longwire::middle {

class TokenBucket final {
 public:
  TokenBucket(double per_second, MonotonicTime now)
      : per_second_(per_second), tokens_(per_second), filled_at_(now) {}

  // Zero: taken. Otherwise nothing was taken, and it is the time until there are enough.
  std::chrono::milliseconds take(double count, MonotonicTime now) {
    const std::chrono::duration<double> passed = now - filled_at_;
    tokens_ = std::min(per_second_, tokens_ + passed.count() * per_second_);
    filled_at_ = now;
    const double needed = std::min(count, per_second_);
    if (tokens_ >= needed) {
      tokens_ -= count;  // below zero for more than a burst: paid back by those who come next
      return std::chrono::milliseconds(0);
    }
    const auto wait = std::chrono::duration<double>((needed - tokens_) / per_second_);
    return std::chrono::ceil<std::chrono::milliseconds>(wait);
  }

 private:
  double per_second_;
  double tokens_;
  MonotonicTime filled_at_;
};

}  // namespace longwire::middle
