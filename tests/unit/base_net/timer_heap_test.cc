#include "base/net/timer_heap.h"

#include <gtest/gtest.h>

#include <vector>

namespace longwire::net {
namespace {

MonotonicTime at(int ms) { return std::chrono::milliseconds(ms); }

class TimerHeapTest : public testing::Test {
 protected:
  TimerId add(int ms, int number) {
    return heap_.add(at(ms), [this, number] { ran_.push_back(number); });
  }
  void run_until(int ms) {
    while (Task task = heap_.take_due(at(ms))) task();
  }
  TimerHeap heap_;
  std::vector<int> ran_;
};

TEST_F(TimerHeapTest, runs_in_order_of_time_then_of_adding) {
  add(30, 3);
  add(10, 1);
  add(20, 2);
  add(10, 11);
  run_until(25);
  EXPECT_EQ(ran_, (std::vector<int>{1, 11, 2}));
  EXPECT_EQ(heap_.next_due(), at(30));
}

TEST_F(TimerHeapTest, forgets_one_and_keeps_the_order) {
  std::vector<TimerId> timers;
  for (int i = 0; i < 100; ++i) timers.push_back(add((i * 37) % 100, (i * 37) % 100));
  std::vector<int> expected;
  for (int i = 0; i < 100; ++i) {
    if (i % 3 == 0) {
      EXPECT_TRUE(
          static_cast<bool>(heap_.remove(timers[static_cast<std::size_t>((i * 73) % 100)])));
    } else {
      expected.push_back(i);
    }
  }
  run_until(100);
  EXPECT_EQ(ran_, expected);
}

TEST_F(TimerHeapTest, does_not_take_an_old_id_for_a_new_timer) {
  const TimerId old = add(1, 1);
  run_until(1);
  add(2, 2);
  EXPECT_FALSE(static_cast<bool>(heap_.remove(old)));
  EXPECT_FALSE(static_cast<bool>(heap_.remove(TimerId::kNone)));
  run_until(2);
  EXPECT_EQ(ran_, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace longwire::net
