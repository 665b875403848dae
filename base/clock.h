#pragma once

// Clock: the only source of time. Production has one; tests and the simulator bring their own.

#include <chrono>
#include <compare>
#include <cstdint>

namespace longwire {

// Milliseconds since 1970-01-01 UTC. Wall time: it may step; order is never decided by it alone.
struct Timestamp {
  std::int64_t ms = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

inline Timestamp operator+(Timestamp t, std::chrono::milliseconds d) { return {t.ms + d.count()}; }
inline std::chrono::milliseconds operator-(Timestamp a, Timestamp b) {
  return std::chrono::milliseconds(a.ms - b.ms);
}

// Time since some start; never steps back.
using MonotonicTime = std::chrono::nanoseconds;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  virtual MonotonicTime monotonic() const = 0;
};

// The machine's clock. Stateless.
const Clock& system_clock();

}  // namespace longwire
