#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "http_front/auth/address_limiter.h"
#include "http_front/auth/recent_secrets.h"
#include "http_front/auth/secret_cache.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/http_front/fake_service.h"

namespace longwire::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(AddressLimiter, Minute_of_tokens_is_spent_then_refilled) {
  AddressLimiter limiter({.per_minute = 2, .addresses_max = 10});
  EXPECT_TRUE(limiter.take("10.0.0.1", seconds(0)).ok());
  EXPECT_TRUE(limiter.take("10.0.0.1", seconds(0)).ok());
  const Status refused = limiter.take("10.0.0.1", seconds(0));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(refused.error().retry_after, seconds(30));
  EXPECT_TRUE(limiter.take("10.0.0.2", seconds(0)).ok());
  EXPECT_TRUE(limiter.take("10.0.0.1", seconds(30)).ok());
}

TEST(AddressLimiter, Peeking_takes_nothing) {
  AddressLimiter limiter({.per_minute = 1, .addresses_max = 10});
  EXPECT_TRUE(limiter.peek("10.0.0.1", seconds(0)).ok());
  EXPECT_TRUE(limiter.take("10.0.0.1", seconds(0)).ok());
  EXPECT_FALSE(limiter.peek("10.0.0.1", seconds(0)).ok());
}

TEST(AddressLimiter, Ipv6_addresses_of_a_network_count_together) {
  EXPECT_EQ(address_key("2001:db8::1"), address_key("2001:db8:0:0:ffff::2"));
  EXPECT_NE(address_key("2001:db8::1"), address_key("2001:db8:0:1::1"));
  EXPECT_NE(address_key("10.0.0.1"), address_key("10.0.0.2"));
}

TEST(AddressLimiter, Full_table_makes_newcomers_share) {
  AddressLimiter limiter({.per_minute = 2, .addresses_max = 2});
  for (const char* known : {"10.0.0.1", "10.0.0.2"}) {
    EXPECT_TRUE(limiter.take(known, seconds(0)).ok());
  }
  EXPECT_TRUE(limiter.take("10.0.0.3", seconds(0)).ok());
  EXPECT_TRUE(limiter.take("10.0.0.4", seconds(0)).ok());
  EXPECT_FALSE(limiter.take("10.0.0.5", seconds(0)).ok());
  EXPECT_TRUE(limiter.take("10.0.0.1", seconds(0)).ok());
}

TEST(AddressLimiter, Full_table_forgets_who_has_been_quiet) {
  AddressLimiter limiter({.per_minute = 1, .addresses_max = 1});
  EXPECT_TRUE(limiter.take("10.0.0.1", seconds(0)).ok());
  EXPECT_TRUE(limiter.take("10.0.0.2", seconds(61)).ok());
  EXPECT_FALSE(limiter.take("10.0.0.2", seconds(61)).ok());
}

TEST(SecretHeader, Secret_stands_behind_key) {
  EXPECT_EQ(secret_of_header("key=abc"), "abc");
  EXPECT_EQ(secret_of_header("key= abc"), " abc");
  EXPECT_EQ(secret_of_header("Key=abc"), "");
  EXPECT_EQ(secret_of_header("Bearer abc"), "");
  EXPECT_EQ(secret_of_header("key=" + std::string(257, 'a')), "");
}

TEST(RecentSecrets, Are_good_for_ten_minutes_unless_forgotten) {
  RecentSecrets recent(10);
  recent.note_good("a", seconds(0));
  EXPECT_TRUE(recent.was_good("a", seconds(599)));
  EXPECT_FALSE(recent.was_good("a", seconds(600)));
  EXPECT_FALSE(recent.was_good("b", seconds(0)));
  recent.note_good("a", seconds(600));
  recent.forget("a");
  EXPECT_FALSE(recent.was_good("a", seconds(600)));
}

TEST(RecentSecrets, Full_table_forgets_the_old_and_no_others) {
  RecentSecrets recent(1);
  recent.note_good("a", seconds(0));
  recent.note_good("b", seconds(599));
  EXPECT_FALSE(recent.was_good("b", seconds(599)));
  EXPECT_TRUE(recent.was_good("a", seconds(599)));
  recent.note_good("b", seconds(600));
  EXPECT_TRUE(recent.was_good("b", seconds(600)));
}

class SecretCacheTest : public testing::Test {
 protected:
  void find(const std::string& secret) {
    cache_.find(secret, [this](Result<AppPtr> app) {
      answers_.push_back(app ? (*app)->id.value() : std::string(error_code_name(app.error().code)));
    });
  }

  longwire::test::ManualClock clock_;
  longwire::test::ManualExecutor executor_{clock_};
  test::FakeService service_{executor_};
  RecentSecrets recent_{10};
  SecretCache cache_{
      service_, recent_, clock_, {.keep = seconds(3), .apps_max = 2, .lookups_max = 2}};
  std::vector<std::string> answers_;
};

TEST_F(SecretCacheTest, Secret_is_asked_once_in_a_while) {
  find(test::kSecret);
  executor_.run_until_idle();
  find(test::kSecret);
  EXPECT_EQ(answers_, (std::vector<std::string>{test::kAppId, test::kAppId}));
  EXPECT_EQ(service_.secrets_asked, 1U);
  clock_.advance(seconds(3));
  find(test::kSecret);
  EXPECT_EQ(service_.secrets_asked, 2U);
}

TEST_F(SecretCacheTest, Askers_of_one_secret_wait_for_one_answer) {
  find(test::kSecret);
  find(test::kSecret);
  executor_.run_until_idle();
  EXPECT_EQ(answers_.size(), 2U);
  EXPECT_EQ(service_.secrets_asked, 1U);
}

TEST_F(SecretCacheTest, Secret_of_nobody_is_not_remembered) {
  find("bad");
  executor_.run_until_idle();
  EXPECT_FALSE(cache_.knows("bad"));
  find("bad");
  executor_.run_until_idle();
  EXPECT_EQ(answers_, (std::vector<std::string>{"unauthenticated", "unauthenticated"}));
  EXPECT_EQ(service_.secrets_asked, 2U);
}

TEST_F(SecretCacheTest, Secret_that_another_loop_s_cache_found_is_known) {
  SecretCache other(service_, recent_, clock_, {});
  find(test::kSecret);
  executor_.run_until_idle();
  EXPECT_TRUE(other.knows(test::kSecret));
}

TEST_F(SecretCacheTest, Lookups_at_once_are_bounded) {
  find("a");
  find("b");
  find("c");
  EXPECT_EQ(answers_, (std::vector<std::string>{"unavailable"}));
}

TEST_F(SecretCacheTest, Full_cache_still_answers) {
  service_.on_secret = [](const std::string&) -> Result<middle::App> {
    return test::example_app();
  };
  for (const char* secret : {"a", "b", "c"}) find(secret);
  executor_.run_until_idle();
  for (const char* secret : {"c"}) find(secret);
  executor_.run_until_idle();
  EXPECT_TRUE(cache_.knows("a"));
  EXPECT_EQ(answers_.size(), 4U);
}

}  // namespace
}  // namespace longwire::http
