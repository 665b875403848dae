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

// The low half comes last and lies in the right subtree: what moves into a gap on the left must
// rise.
TEST(TimerHeap, keeps_the_order_whichever_is_forgotten) {
  const std::vector<int> times = {1, 50, 2, 60, 61, 3, 4, 70, 71, 72, 73, 5, 6, 7, 8};
  for (std::size_t forgotten = 0; forgotten < times.size(); ++forgotten) {
    TimerHeap heap;
    std::vector<TimerId> timers;
    for (int time : times) timers.push_back(heap.add(at(time), [] {}));
    EXPECT_TRUE(static_cast<bool>(heap.remove(timers[forgotten])));
    MonotonicTime last{0};
    while (!heap.empty()) {
      const MonotonicTime due = *heap.next_due();
      EXPECT_LT(last, due);
      EXPECT_NE(due, at(times[forgotten]));
      last = due;
      EXPECT_TRUE(static_cast<bool>(heap.take_due(due)));
    }
  }
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
