#pragma once

// Random: the only source of randomness. Production draws from the kernel through OpenSSL's
// generator; the simulator draws from its seed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace longwire {

// Thread-safe in production; the simulator's is bound to its one thread.
class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with unpredictable bytes. Aborts where the system has no entropy.
  virtual void fill(std::span<std::uint8_t> out) = 0;

  std::uint64_t next_u64();
  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
  std::string bytes(std::size_t size);
};

// Cryptographic randomness of this machine. Thread-safe.
Random& system_random();

}  // namespace longwire
