#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <vector>

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

// Small draws come from a pool of the thread.
TEST(SystemRandom, draws_nothing_twice_on_any_thread) {
  constexpr std::size_t kDraws = 1000;
  std::array<std::vector<std::uint64_t>, 4> drawn;
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&mine] {
      for (std::size_t i = 0; i < kDraws; ++i) mine.push_back(system_random().next_u64());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), drawn.size() * kDraws);
}

}  // namespace
}  // namespace longwire
