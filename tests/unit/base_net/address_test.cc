#include "base/net/address.h"

#include <gtest/gtest.h>

namespace longwire::net {
namespace {

TEST(ParseAddress, reads_both_families_and_all_interfaces) {
  for (const char* text : {"127.0.0.1:5222", "[::1]:5222", ":5222", "0.0.0.0:0"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(ParseAddress, refuses_names_and_halves) {
  for (const char* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "localhost:80", "::1:80", "[127.0.0.1]:80", "[::1]", "[:80", "[]:80x"}) {
    EXPECT_FALSE(parse_address(text).ok()) << text;
  }
}

}  // namespace
}  // namespace longwire::net
