#pragma once

// Backoff: pauses that double from one bound to the other, each shortened by luck, so that many who
// failed together do not come back together. Private to this folder.

#include <chrono>

#include "base/random.h"

namespace longwire::storage::redis {

// Loop-bound. `random` outlives it.
class Backoff final {
 public:
  Backoff(std::chrono::milliseconds min, std::chrono::milliseconds max, Random& random)
      : min_(min), max_(max), random_(random) {}

  // Between half of the pause and all of it.
  std::chrono::milliseconds next();
  void reset() { pause_ = {}; }

 private:
  const std::chrono::milliseconds min_;
  const std::chrono::milliseconds max_;
  Random& random_;
  std::chrono::milliseconds pause_{0};
};

// Between half of `pause` and all of it.
std::chrono::milliseconds shortened_by_luck(std::chrono::milliseconds pause, Random& random);

}  // namespace longwire::storage::redis
