#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace longwire {
namespace {

TEST(ByteReader, reads_back_what_the_writer_wrote) {
  const Bytes bytes = ByteWriter()
                          .u8(7)
                          .u16(0x0102)
                          .u32(0x01020304)
                          .u64(0x0102030405060708)
                          .boolean(true)
                          .string("text")
                          .raw("raw")
                          .bytes();
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.u16(), 0x0102);
  EXPECT_EQ(reader.u32(), 0x01020304u);
  EXPECT_EQ(reader.u64(), 0x0102030405060708u);
  EXPECT_TRUE(reader.boolean());
  EXPECT_EQ(reader.string(), "text");
  EXPECT_EQ(reader.raw(3), "raw");
  EXPECT_TRUE(reader.finish().ok());
}

TEST(ByteWriter, writes_fixed_integers_so_that_they_sort) {
  EXPECT_EQ(ByteWriter().u32(0x01020304).bytes(), "\x01\x02\x03\x04");
}

TEST(ByteReader, reads_varints_of_every_length) {
  for (int bits = 0; bits < 64; ++bits) {
    const std::uint64_t value = std::uint64_t{1} << bits;
    for (std::uint64_t near : {value - 1, value, ~value}) {
      const Bytes bytes = ByteWriter().varint(near).bytes();
      ByteReader reader(bytes);
      EXPECT_EQ(reader.varint(), near);
      EXPECT_TRUE(reader.finish().ok());
    }
  }
}

TEST(ByteReader, reads_signed_integers_to_their_ends) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, Limits::min(), Limits::max()}) {
    const Bytes bytes = ByteWriter().i64(value).bytes();
    EXPECT_EQ(ByteReader(bytes).i64(), value);
  }
}

TEST(ByteReader, stays_failed_after_a_short_read) {
  ByteReader reader("\x01\x02");
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.finish().error().code, ErrorCode::kCorrupt);
}

TEST(ByteReader, refuses_bytes_left_over) {
  ByteReader reader("\x01\x02");
  reader.u8();
  EXPECT_EQ(reader.finish().error().code, ErrorCode::kCorrupt);
}

TEST(ByteReader, refuses_a_string_longer_than_its_input) {
  const Bytes bytes =
      ByteWriter().varint(std::numeric_limits<std::uint64_t>::max()).raw("x").bytes();
  ByteReader reader(bytes);
  EXPECT_EQ(reader.string(), "");
  EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, refuses_varints_that_no_writer_makes) {
  const Bytes above_64_bits = std::string(9, '\xff') + "\x02";
  const Bytes padded("\x80\x00", 2);
  const Bytes endless(20, '\xff');
  for (const Bytes& bytes : {above_64_bits, padded, endless}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.varint(), 0u);
    EXPECT_TRUE(reader.failed());
  }
}

TEST(ByteReader, refuses_a_count_above_its_limit_or_its_bytes) {
  const Bytes bytes = ByteWriter().varint(3).raw("ab").bytes();
  ByteReader few_bytes(bytes);
  EXPECT_EQ(few_bytes.count(10), 0u);
  EXPECT_TRUE(few_bytes.failed());
  ByteReader low_limit(bytes);
  EXPECT_EQ(low_limit.count(2), 0u);
  EXPECT_TRUE(low_limit.failed());
}

TEST(ByteReader, refuses_a_boolean_that_is_neither) {
  ByteReader reader("\x02");
  EXPECT_FALSE(reader.boolean());
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace longwire
