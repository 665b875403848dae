#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longwire {
namespace {

// Bytes in the order given, then zeros.
class Scripted final : public Random {
 public:
  explicit Scripted(std::string bytes) : rest_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = rest_.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(rest_.front());
      rest_.erase(0, 1);
    }
  }

 private:
  std::string rest_;
};

TEST(Random, draws_again_where_the_remainder_would_be_unfair) {
  // 2^64 mod 10 = 6: 5 is one of the values that would make 5 likelier; 17 is fair.
  Scripted random(std::string("\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\x11", 16));
  EXPECT_EQ(random.below(10), 7u);
}

TEST(Random, stays_below_its_bound) {
  for (int i = 0; i < 1000; ++i) EXPECT_LT(system_random().below(3), 3u);
}

TEST(SystemRandom, fills_any_size) {
  EXPECT_EQ(system_random().bytes(0), "");
  const std::string large = system_random().bytes(3 << 20);
  EXPECT_NE(large.substr(0, 16), large.substr(2 << 20, 16));
}

}  // namespace
}  // namespace longwire
