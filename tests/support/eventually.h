#pragma once

// eventually(): polls until a condition holds, for what nobody tells.

#include <poll.h>

#include <chrono>

#include "base/clock.h"

namespace longwire::test {

inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().monotonic()).count();
}

// False after 30 s.
template <typename Condition>
bool eventually(Condition condition) {
  constexpr std::int64_t kPatienceMs = 30'000;
  constexpr int kPauseMs = 10;
  const auto begun = now_ms();
  while (!condition()) {
    if (now_ms() - begun > kPatienceMs) return false;
    ::poll(nullptr, 0, kPauseMs);
  }
  return true;
}

}  // namespace longwire::test
