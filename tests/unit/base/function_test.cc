#include "base/function.h"

#include <gtest/gtest.h>

#include <array>

namespace longwire {
namespace {

// Counts its living copies.
class Counted {
 public:
  explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
  Counted(Counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

TEST(UniqueFunction, owns_move_only_targets) {
  UniqueFunction<int(int)> function = [held = std::make_unique<int>(2)](int n) {
    return *held * n;
  };
  EXPECT_EQ(function(21), 42);
  UniqueFunction<int(int)> moved = std::move(function);
  EXPECT_EQ(moved(4), 8);
}

TEST(UniqueFunction, is_empty_after_a_move) {
  UniqueFunction<void()> function = [] {};
  const UniqueFunction<void()> moved = std::move(function);
  EXPECT_TRUE(static_cast<bool>(moved));
  EXPECT_FALSE(static_cast<bool>(function));  // NOLINT(bugprone-use-after-move)
}

TEST(UniqueFunction, destroys_a_small_target_once) {
  int alive = 0;
  {
    UniqueFunction<void()> function = [counted = Counted(alive)] { (void)counted; };
    const UniqueFunction<void()> moved = std::move(function);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(UniqueFunction, destroys_a_large_target_once) {
  int alive = 0;
  {
    std::array<char, 100> large{};
    UniqueFunction<void()> function = [large, counted = Counted(alive)] {
      (void)large, (void)counted;
    };
    UniqueFunction<void()> moved;
    moved = std::move(function);
    EXPECT_EQ(alive, 1);
    moved = nullptr;
    EXPECT_EQ(alive, 0);
  }
  EXPECT_EQ(alive, 0);
}

TEST(UniqueFunction, passes_arguments_without_copies) {
  UniqueFunction<std::unique_ptr<int>(std::unique_ptr<int>)> same = [](std::unique_ptr<int> p) {
    return p;
  };
  EXPECT_EQ(*same(std::make_unique<int>(5)), 5);
}

}  // namespace
}  // namespace longwire
