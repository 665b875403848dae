#pragma once

// Breaker: how often in a row something did not work, and what follows: after `failures_max` times
// it is broken, and is asked again once a pause, by one call at a time, until one is answered.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace longwire::channels {

// A value.
class Breaker final {
 public:
  Breaker(std::int64_t failures_max, std::chrono::milliseconds pause_max)
      : failures_max_(failures_max), pause_max_(pause_max) {}

  void failed();  // no connection, no answer in time, or nonsense
  void answered() { failures_ = 0; }

  bool broken() const { return failures_ >= failures_max_; }
  // Before the next try: short after the first failure, `pause_max` once broken.
  std::chrono::milliseconds pause() const;
  // Calls under way at once, of `whole`.
  std::size_t calls_max(std::size_t whole) const { return broken() ? 1 : whole; }

 private:
  std::int64_t failures_max_;
  std::chrono::milliseconds pause_max_;
  std::int64_t failures_ = 0;
};

}  // namespace longwire::channels
