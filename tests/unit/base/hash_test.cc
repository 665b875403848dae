#include "base/hash.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace longwire {
namespace {

// Rows are found by this value for ever: a failure here means lost data, not a test to update.
TEST(HomeHash, never_changes) {
  EXPECT_EQ(home_hash(""), 0xe999);   // XXH64("") = ef46db3751d8e999
  EXPECT_EQ(home_hash("a"), 0x6e5b);  // XXH64("a") = d24ec4f1a98c6e5b
}

TEST(Hash64, depends_on_its_seed) { EXPECT_NE(hash64("a", 1), hash64("a", 2)); }

TEST(Crc32c, knows_the_check_values) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(Bytes(32, '\0')), 0x8a9136aau);
}

TEST(Sha256, knows_the_empty_input) {
  EXPECT_EQ(hex_encode(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(ConstantTimeEqual, compares_length_and_bytes) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "ab"));
}

}  // namespace
}  // namespace longwire
