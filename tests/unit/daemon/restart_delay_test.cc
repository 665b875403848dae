#include "daemon/workers/restart_delay.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

using namespace std::chrono_literals;

TEST(RestartDelay, the_first_is_none_and_each_after_it_twice_as_long_up_to_the_maximum) {
  RestartDelay delay(1s);
  EXPECT_EQ(delay.next(0ms), 0ms);
  EXPECT_EQ(delay.next(0ms), 200ms);
  EXPECT_EQ(delay.next(5s), 400ms);
  EXPECT_EQ(delay.next(0ms), 800ms);
  EXPECT_EQ(delay.next(0ms), 1s);
  EXPECT_EQ(delay.next(0ms), 1s);
}

TEST(RestartDelay, one_that_served_well_is_started_at_once) {
  RestartDelay delay(30s);
  for (int i = 0; i < 5; ++i) delay.next(0ms);
  EXPECT_EQ(delay.next(10s), 0ms);
  EXPECT_EQ(delay.next(0ms), 200ms);
}

}  // namespace
}  // namespace longwire::daemon
