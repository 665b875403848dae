#include "daemon/status/recent_latency.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

class RecentLatencyTest : public testing::Test {
 protected:
  std::optional<std::int64_t> look() { return recent.p99_us(*metrics.observed("t")); }

  Metrics metrics;
  Histogram& seconds = metrics.latency("t", "T.");
  RecentLatency recent{3};
};

TEST_F(RecentLatencyTest, what_was_before_the_first_look_is_not_counted) {
  seconds.observe(5);
  EXPECT_EQ(look(), std::nullopt);
  seconds.observe(0.001);
  EXPECT_EQ(look(), 1000);
}

TEST_F(RecentLatencyTest, one_of_a_hundred_is_above_it_two_are_not) {
  look();
  for (int i = 0; i < 99; ++i) seconds.observe(0.001);
  seconds.observe(1);
  EXPECT_EQ(look(), 1000);
  for (int i = 0; i < 2; ++i) seconds.observe(1);
  EXPECT_EQ(look(), 1'000'000);
}

TEST_F(RecentLatencyTest, it_forgets_what_is_older_than_its_looks) {
  look();
  seconds.observe(1);
  look();
  look();
  EXPECT_EQ(look(), std::nullopt);
}

TEST_F(RecentLatencyTest, above_all_bounds_it_is_the_last_bound) {
  look();
  seconds.observe(100);
  EXPECT_EQ(look(), 10'000'000);
}

}  // namespace
}  // namespace longwire::daemon
