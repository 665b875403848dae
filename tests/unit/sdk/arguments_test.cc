#include "sdk/device/arguments.h"

#include <gtest/gtest.h>

namespace longwire::device {
namespace {

using Words = std::vector<std::string>;

Words complete(const Words& more = {}) {
  Words words = {
      "--api", "https://h:8443", "--server", "h:5222",  "--ca", "ca.pem",    "--app-id",
      "1",     "--app-key",      "k",        "--state", "dir",  "--package", "com.example"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Arguments, are_all_understood) {
  auto arguments =
      parse_arguments(complete({"--alias", "a", "--alias", "b", "--account", "u", "--topic", "t",
                                "--count", "3", "--timeout", "1.5", "--direct-tls"}));
  ASSERT_TRUE(arguments.ok());
  EXPECT_EQ(arguments->aliases, Words({"a", "b"}));
  EXPECT_EQ(arguments->accounts, Words({"u"}));
  EXPECT_EQ(arguments->topics, Words({"t"}));
  EXPECT_EQ(arguments->count, 3u);
  EXPECT_EQ(arguments->timeout, std::chrono::milliseconds(1500));
  EXPECT_TRUE(arguments->options.direct_tls);
  EXPECT_EQ(arguments->options.server_host, "h");
  EXPECT_EQ(arguments->options.server_port, 5222);
}

TEST(Arguments, take_an_address_in_brackets) {
  auto arguments = parse_arguments(complete({"--server", "[::1]:5223"}));
  ASSERT_TRUE(arguments.ok());
  EXPECT_EQ(arguments->options.server_host, "::1");
}

TEST(Arguments, say_what_is_wrong) {
  auto problem = [](const Words& words) { return parse_arguments(words).error().message; };
  EXPECT_EQ(problem(complete({"--nonsense"})), "unknown argument --nonsense");
  EXPECT_EQ(problem(complete({"--count"})), "--count needs a value");
  EXPECT_EQ(problem(complete({"--count", "x"})), "bad value for --count");
  for (const char* count : {"nan", "1.5", "-1", "1e3", "inf", "", "99999999999999999999"})
    EXPECT_EQ(problem(complete({"--count", count})), "bad value for --count") << count;
  for (const char* seconds : {"nan", "-nan", "inf", "-1", "1e10", ""})
    EXPECT_EQ(problem(complete({"--timeout", seconds})), "bad value for --timeout") << seconds;
  EXPECT_EQ(problem(complete({"--server", "h:5222.5"})), "bad value for --server");
  EXPECT_EQ(problem(complete({"--server", "h"})), "bad value for --server");
  EXPECT_EQ(problem(complete({"--server", "h:70000"})), "bad value for --server");
  EXPECT_EQ(problem({}), "--api is missing");
}

}  // namespace
}  // namespace longwire::device
