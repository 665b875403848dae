#include "base/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/check.h"

namespace longwire {
namespace {

// RAND_bytes takes an int.
constexpr std::size_t kFillBytesMax = 1 << 20;

constexpr std::size_t kPoolBytes = 512;
constexpr std::size_t kFromPoolMax = 16;  // ids and choices; secrets are never kept before use

void fill_from_system(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), kFillBytesMax);
    CHECK(RAND_bytes(out.data(), static_cast<int>(size)) == 1);
    out = out.subspan(size);
  }
}

// A request costs OpenSSL's generator 0.65 µs for 8 bytes and 0.7 µs for 512, and every message
// has an id. Used bytes are wiped. A thread's own.
class Pool final {
 public:
  void fill(std::span<std::uint8_t> out) {
    if (kPoolBytes - used_ < out.size()) {
      fill_from_system(bytes_);
      used_ = 0;
    }
    const auto taken = std::span(bytes_).subspan(used_, out.size());
    std::copy(taken.begin(), taken.end(), out.begin());
    OPENSSL_cleanse(taken.data(), taken.size());
    used_ += out.size();
  }

 private:
  std::array<std::uint8_t, kPoolBytes> bytes_{};
  std::size_t used_ = kPoolBytes;
};

class SystemRandom final : public Random {
 public:
  // No process of ours forks, so no two have one pool.
  void fill(std::span<std::uint8_t> out) override {
    thread_local Pool pool;
    if (out.size() > kFromPoolMax) return fill_from_system(out);
    pool.fill(out);
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
