#include "base/random.h"

#include <openssl/rand.h>

#include <algorithm>

#include "base/check.h"

namespace longwire {
namespace {

// RAND_bytes takes an int.
constexpr std::size_t kFillBytesMax = 1 << 20;

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      const std::size_t size = std::min(out.size(), kFillBytesMax);
      CHECK(RAND_bytes(out.data(), static_cast<int>(size)) == 1);
      out = out.subspan(size);
    }
  }
};

}  // namespace

std::uint64_t Random::next_u64() {
  std::uint8_t bytes[8];
  fill(bytes);
  std::uint64_t value = 0;
  for (std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  CHECK(bound > 0);
  // Values below 2^64 mod bound would make the first remainders likelier.
  const std::uint64_t unfair = (0 - bound) % bound;
  std::uint64_t value = next_u64();
  while (value < unfair) value = next_u64();
  return value % bound;
}

std::string Random::bytes(std::size_t size) {
  std::string out(size, '\0');
  fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace longwire
