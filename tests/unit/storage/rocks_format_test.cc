#include "storage/embedded/rocks_format.h"

#include <gtest/gtest.h>

namespace longwire::storage {
namespace {

TEST(RocksFormat, Row_key_is_the_partition_then_the_key) {
  Bytes key = "left over";
  make_row_key(0x0102, std::string("k\0", 2), key);
  EXPECT_EQ(key, std::string("\x01\x02k\0", 4));
  EXPECT_TRUE(is_row_key(key));
}

TEST(RocksFormat, Heads_and_info_are_no_rows) {
  EXPECT_FALSE(is_row_key(head_key(3)));
  EXPECT_FALSE(is_row_key(info_key()));
  EXPECT_EQ(head_key(3), std::string("\xFF\xFE\x00\x03", 4));
}

TEST(RocksFormat, Row_value_carries_its_expiry) {
  Bytes stored;
  make_row_value("value", Timestamp{258}, stored);
  EXPECT_EQ(stored, std::string("\0\0\0\0\0\0\x01\x02value", 13));
  EXPECT_EQ(row_expires(stored), Timestamp{258});
  EXPECT_EQ(*row_value(stored), "value");
  make_row_value("value", std::nullopt, stored);
  EXPECT_EQ(row_expires(stored), std::nullopt);
}

TEST(RocksFormat, Expiry_long_ago_is_not_never) {
  Bytes stored;
  make_row_value("value", Timestamp{-5}, stored);
  EXPECT_EQ(row_expires(stored), Timestamp{1});
}

TEST(RocksFormat, Short_row_is_corrupt) {
  EXPECT_EQ(row_value("1234567").error().code, ErrorCode::kCorrupt);
}

TEST(RocksFormat, Head_comes_back) {
  middle::Head head;
  head.position = 1234567890123;
  head.writer = middle::WriterId("writer");
  head.stamp = {1767225600000};
  head.state = std::string("\0state", 6);
  head.previous_writer = middle::WriterId("before");
  head.previous_position = 77;
  const auto decoded = decode_head(encode_head(head));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->position, head.position);
  EXPECT_EQ(decoded->writer, head.writer);
  EXPECT_EQ(decoded->stamp, head.stamp);
  EXPECT_EQ(decoded->state, head.state);
  EXPECT_EQ(decoded->previous_writer, head.previous_writer);
  EXPECT_EQ(decoded->previous_position, head.previous_position);
}

TEST(RocksFormat, Newer_head_is_unsupported_and_a_short_one_corrupt) {
  Bytes stored = encode_head({});
  EXPECT_EQ(decode_head(stored.substr(0, stored.size() - 1)).error().code, ErrorCode::kCorrupt);
  stored[0] = 2;
  EXPECT_EQ(decode_head(stored).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace longwire::storage
