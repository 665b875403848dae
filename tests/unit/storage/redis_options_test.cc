// The Redis client's part of the configuration, and what it does with it before it connects.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "base/metrics.h"
#include "storage/redis/backoff.h"
#include "storage/redis/options.h"
#include "storage/redis/router.h"

namespace longwire::test {
namespace {

using storage::redis::current_credentials;
using storage::redis::Options;

class RedisOptions : public testing::Test {
 protected:
  RedisOptions() { declare_config(schema_, options_); }

  Options options_;
  ConfigSchema schema_;
};

TEST_F(RedisOptions, Nodes_are_numeric_addresses) {
  EXPECT_TRUE(schema_.apply_toml("[redis]\nnodes = [\"10.0.0.1:7000\", \"[::1]:7001\"]", "f").ok());
  EXPECT_EQ(options_.nodes, (std::vector<std::string>{"10.0.0.1:7000", "[::1]:7001"}));
  for (const char* bad : {"redis.example.org:6379", ":6379", "10.0.0.1", "10.0.0.1:0", ""}) {
    const auto text = "[redis]\nnodes = [\"" + std::string(bad) + "\"]";
    EXPECT_FALSE(schema_.apply_toml(text, "f").ok()) << bad;
  }
}

TEST_F(RedisOptions, Password_file_is_read_each_time) {
  const std::string path = testing::TempDir() + "redis_options_test_password";
  options_.username = "cache";
  options_.password_file = path;
  for (const char* word : {"first", "second"}) {
    std::ofstream(path) << word << "\n";
    EXPECT_EQ(current_credentials(options_)->password.reveal(), word);
  }
  EXPECT_EQ(current_credentials(options_)->username, "cache");
  ASSERT_EQ(std::remove(path.c_str()), 0);
  const auto missing = current_credentials(options_);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(missing.error().message.find(path), std::string::npos);
}

TEST_F(RedisOptions, Without_a_file_there_is_no_password) {
  EXPECT_TRUE(current_credentials(options_)->password.empty());
}

TEST_F(RedisOptions, Router_needs_an_address_it_can_use) {
  net::Loop loop("test");
  Metrics metrics;
  const Environment environment{loop, system_clock(), system_random(), null_log(), metrics};
  for (const std::vector<std::string>& nodes :
       {std::vector<std::string>{}, {"nowhere"}, {":6379"}, {"127.0.0.1:6379", "x:1"}}) {
    options_.nodes = nodes;
    const auto router = make_router(options_, loop, environment);
    ASSERT_FALSE(router.ok());
    EXPECT_EQ(router.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(RedisBackoff, Doubles_to_its_bound_and_is_shortened_by_half_at_most) {
  using std::chrono::milliseconds;
  storage::redis::Backoff backoff(milliseconds(100), milliseconds(300), system_random());
  for (const int pause : {100, 200, 300, 300}) {
    const auto next = backoff.next();
    EXPECT_GE(next, milliseconds(pause / 2));
    EXPECT_LE(next, milliseconds(pause));
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(100));
}

}  // namespace
}  // namespace longwire::test
