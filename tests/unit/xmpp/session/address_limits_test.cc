#include "xmpp/session/address_limits.h"

#include <gtest/gtest.h>

#include "tests/support/manual_executor.h"

namespace longwire::xmpp {
namespace {

class AddressLimitsTest : public testing::Test {
 protected:
  AddressLimitsTest() {
    config_.address_logins_max = 2;
    config_.address_failures_max = 3;
    config_.address_connections_max = 4;
  }
  test::ManualClock clock_;
  XmppConfig config_;
  AddressLimits limits_{config_, clock_};
};

TEST_F(AddressLimitsTest, connections_without_login_are_few) {
  EXPECT_TRUE(limits_.connected("a"));
  EXPECT_TRUE(limits_.connected("a"));
  EXPECT_FALSE(limits_.connected("a"));
  EXPECT_TRUE(limits_.connected("b"));
  limits_.logged_in("a");
  EXPECT_TRUE(limits_.connected("a"));
}

TEST_F(AddressLimitsTest, connections_are_limited_at_all) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(limits_.connected("a"));
    limits_.logged_in("a");
  }
  EXPECT_FALSE(limits_.connected("a"));
  limits_.closed("a", true);
  EXPECT_TRUE(limits_.connected("a"));
}

TEST_F(AddressLimitsTest, too_many_failures_shut_an_address_out_for_a_while) {
  ASSERT_TRUE(limits_.connected("a"));
  for (int i = 0; i < 3; ++i) limits_.failed("a");
  EXPECT_TRUE(limits_.shut_out("a"));
  EXPECT_FALSE(limits_.shut_out("b"));
  limits_.closed("a", false);
  EXPECT_FALSE(limits_.connected("a"));
  clock_.advance(std::chrono::seconds(30));
  EXPECT_TRUE(limits_.connected("a"));
}

TEST_F(AddressLimitsTest, nothing_is_left_of_an_address_that_is_gone) {
  ASSERT_TRUE(limits_.connected("a"));
  limits_.closed("a", false);
  EXPECT_EQ(limits_.addresses(), 0U);
}

}  // namespace
}  // namespace longwire::xmpp
