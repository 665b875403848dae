#include "daemon/tier/complaints.h"

#include <gtest/gtest.h>

#include "tests/support/manual_executor.h"
#include "tests/unit/daemon_tier/event_log.h"

namespace longwire::daemon {
namespace {

class ComplaintsTest : public testing::Test {
 protected:
  EventLog log_;
  test::ManualClock clock_;
  Complaints complaints_{log_, clock_, "refused", "peer"};
};

TEST_F(ComplaintsTest, are_told_with_their_reason) {
  complaints_.add("10.0.0.7", "no TLS");
  EXPECT_EQ(log_.lines(), std::vector<std::string>{"refused peer=10.0.0.7 why=no TLS"});
  EXPECT_EQ(complaints_.why("10.0.0.7"), "no TLS");
}

TEST_F(ComplaintsTest, are_not_repeated_within_a_minute) {
  for (int i = 0; i < 100; ++i) complaints_.add("10.0.0.7", "no TLS");
  EXPECT_EQ(log_.lines().size(), 1u);
  clock_.advance(std::chrono::seconds(60));
  complaints_.add("10.0.0.7", "no TLS");
  EXPECT_EQ(log_.lines().size(), 2u);
}

TEST_F(ComplaintsTest, are_told_anew_for_another_reason_or_another_end) {
  complaints_.add("10.0.0.7", "no TLS");
  complaints_.add("10.0.0.7", "expired");
  complaints_.add("10.0.0.8", "expired");
  EXPECT_EQ(log_.lines().size(), 3u);
}

TEST_F(ComplaintsTest, are_news_again_after_all_was_well) {
  complaints_.add("10.0.0.7", "no TLS");
  complaints_.forget("10.0.0.7");
  EXPECT_EQ(complaints_.why("10.0.0.7"), "");
  complaints_.add("10.0.0.7", "no TLS");
  EXPECT_EQ(log_.lines().size(), 2u);
}

TEST_F(ComplaintsTest, keep_a_bounded_number_of_ends) {
  for (int i = 0; i < 1000; ++i) complaints_.add("10.0.0." + std::to_string(i), "no TLS");
  EXPECT_EQ(complaints_.why("10.0.0.0"), "");
  EXPECT_EQ(complaints_.why("10.0.0.999"), "no TLS");
}

}  // namespace
}  // namespace longwire::daemon
