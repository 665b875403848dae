// Rates and quotas in simulated time.

#include "middle/limit/app_limits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "middle/limit/token_bucket.h"

namespace longwire::middle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(TokenBucket, Holds_a_burst_of_one_second) {
  TokenBucket bucket(2, MonotonicTime(0));
  EXPECT_EQ(bucket.take(1, MonotonicTime(0)), milliseconds(0));
  EXPECT_EQ(bucket.take(1, MonotonicTime(0)), milliseconds(0));
  EXPECT_EQ(bucket.take(1, MonotonicTime(0)), milliseconds(500));
}

TEST(TokenBucket, Fills_with_time_and_not_above_its_burst) {
  TokenBucket bucket(2, MonotonicTime(0));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bucket.take(1, seconds(60)), milliseconds(0));
  EXPECT_GT(bucket.take(1, seconds(60)), milliseconds(0));
  EXPECT_EQ(bucket.take(1, seconds(60) + milliseconds(500)), milliseconds(0));
}

TEST(TokenBucket, What_is_more_than_a_burst_is_paid_back_by_those_who_come_next) {
  TokenBucket bucket(2, MonotonicTime(0));
  EXPECT_EQ(bucket.take(4, MonotonicTime(0)), milliseconds(0));
  EXPECT_EQ(bucket.take(1, MonotonicTime(0)), milliseconds(1500));
  EXPECT_EQ(bucket.take(1, milliseconds(1500)), milliseconds(0));
}

class AppLimitRules : public ::testing::Test {
 public:
  explicit AppLimitRules(std::int64_t per_second = 10, std::int64_t per_day = 3)
      : limits(per_second, per_day) {}
  Status take(const char* app = "1000") {
    return limits.take(AppId(app), Timestamp{kNoon.ms + passed.count()}, passed);
  }
  void pass(milliseconds time) { passed += time; }
  // "1000 2026-01-01 3"
  std::vector<std::string> sent() {
    std::vector<std::string> all;
    for (const AppLimits::Sent& one : limits.take_sent())
      all.push_back(one.app.value() + " " + one.day + " " + std::to_string(one.count));
    std::sort(all.begin(), all.end());
    return all;
  }

  static constexpr Timestamp kNoon{1'767'225'600'000 + 12 * 60 * 60 * 1000};  // 2026-01-01
  AppLimits limits;
  milliseconds passed{0};
};

TEST_F(AppLimitRules, A_day_has_its_quota_and_the_refusal_says_until_when) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take().ok());
  pass(seconds(1));
  const Status refused = take();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(refused.error().retry_after, hours(12) - seconds(1));
  pass(refused.error().retry_after);
  EXPECT_TRUE(take().ok());
}

class AppRateRules : public AppLimitRules {
 public:
  AppRateRules() : AppLimitRules(2, 1000) {}
};

TEST_F(AppRateRules, A_rate_is_refused_with_the_time_to_wait) {
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(take().ok());
  const Status refused = take();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().retry_after, milliseconds(500));
  pass(milliseconds(500));
  EXPECT_TRUE(take().ok());
}

TEST_F(AppLimitRules, An_app_is_not_charged_for_another) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take("1000").ok());
  EXPECT_TRUE(take("2000").ok());
}

TEST_F(AppLimitRules, What_was_refused_is_not_counted) {
  for (int i = 0; i < 5; ++i) (void)take();
  EXPECT_EQ(sent(), std::vector<std::string>{"1000 2026-01-01 3"});
}

TEST_F(AppLimitRules, What_was_sent_is_told_once_by_day) {
  EXPECT_TRUE(take().ok());
  pass(hours(12));
  EXPECT_TRUE(take().ok());
  EXPECT_EQ(sent(), (std::vector<std::string>{"1000 2026-01-01 1", "1000 2026-01-02 1"}));
  EXPECT_TRUE(sent().empty());
}

TEST_F(AppLimitRules, What_was_sent_before_a_restart_counts_and_is_not_told_again) {
  limits.restore(AppId("1000"), kNoon, 2);
  EXPECT_TRUE(take().ok());
  EXPECT_FALSE(take().ok());
  EXPECT_EQ(sent(), std::vector<std::string>{"1000 2026-01-01 1"});
}

TEST_F(AppLimitRules, What_other_nodes_sent_counts_once_the_directory_has_told) {
  EXPECT_TRUE(take().ok());
  sent();
  limits.learn(AppId("1000"), "2026-01-01", 3);
  EXPECT_FALSE(take().ok());
}

TEST(DayName, Is_the_date_in_utc) {
  EXPECT_EQ(day_name(day_of({0})), "1970-01-01");
  EXPECT_EQ(day_name(day_of({1'767'225'599'999})), "2025-12-31");
  EXPECT_EQ(day_name(day_of({1'767'225'600'000})), "2026-01-01");
}

}  // namespace
}  // namespace longwire::middle
