#include "base/clock.h"

#include <gtest/gtest.h>

namespace longwire {
namespace {

TEST(Timestamp, counts_in_milliseconds) {
  const Timestamp time{1000};
  EXPECT_EQ((time + std::chrono::seconds(2)).ms, 3000);
  EXPECT_EQ(Timestamp{3000} - time, std::chrono::seconds(2));
  EXPECT_LT(time, Timestamp{1001});
}

TEST(SystemClock, never_steps_back) {
  const MonotonicTime first = system_clock().monotonic();
  EXPECT_GE(system_clock().monotonic(), first);
}

}  // namespace
}  // namespace longwire
