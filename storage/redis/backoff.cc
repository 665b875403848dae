#include "storage/redis/backoff.h"

#include <algorithm>

namespace longwire::storage::redis {

std::chrono::milliseconds Backoff::next() {
  pause_ = std::clamp(2 * pause_, std::min(min_, max_), max_);
  return shortened_by_luck(pause_, random_);
}

std::chrono::milliseconds shortened_by_luck(std::chrono::milliseconds pause, Random& random) {
  const auto half = static_cast<std::uint64_t>(pause.count() / 2);
  return pause - std::chrono::milliseconds(random.below(half + 1));
}

}  // namespace longwire::storage::redis
