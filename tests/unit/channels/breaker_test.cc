#include "channels/handler/breaker.h"

#include <gtest/gtest.h>

namespace longwire::channels {
namespace {

using std::chrono::milliseconds;

TEST(Breaker, breaks_after_so_many_failures_in_a_row) {
  Breaker breaker(3, milliseconds(5'000));
  breaker.failed();
  breaker.failed();
  EXPECT_FALSE(breaker.broken());
  breaker.failed();
  EXPECT_TRUE(breaker.broken());
}

TEST(Breaker, is_whole_again_after_one_answer) {
  Breaker breaker(2, milliseconds(5'000));
  breaker.failed();
  breaker.answered();
  breaker.failed();
  EXPECT_FALSE(breaker.broken());
  breaker.failed();
  breaker.answered();
  EXPECT_FALSE(breaker.broken());
}

TEST(Breaker, lets_one_call_through_while_broken) {
  Breaker breaker(1, milliseconds(5'000));
  EXPECT_EQ(breaker.calls_max(256), 256u);
  breaker.failed();
  EXPECT_EQ(breaker.calls_max(256), 1u);
}

TEST(Breaker, waits_longer_with_each_failure_up_to_the_pause) {
  Breaker breaker(4, milliseconds(300));
  for (const int wanted : {100, 200, 300, 300}) {
    breaker.failed();
    EXPECT_EQ(breaker.pause(), milliseconds(wanted));
  }
}

TEST(Breaker, does_not_overflow_however_often_it_fails) {
  Breaker breaker(1'000'000, milliseconds(5'000));
  for (int i = 0; i < 100'000; ++i) breaker.failed();
  EXPECT_EQ(breaker.pause(), milliseconds(5'000));
}

}  // namespace
}  // namespace longwire::channels
