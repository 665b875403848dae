#include "middle/ports/storage_info.h"

#include <gtest/gtest.h>

namespace longwire::middle {
namespace {

ErrorCode refused(const StorageInfo& info) { return decode_info(encode_info(info)).error().code; }

TEST(StorageInfoRecord, Is_read_as_it_was_written) {
  StorageInfo info;
  info.partitions = kPartitionsMax;
  info.incarnation = Incarnation("0123456789abcdef");
  const auto read = decode_info(encode_info(info));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->partitions, kPartitionsMax);
  EXPECT_EQ(read->incarnation, info.incarnation);
}

TEST(StorageInfoRecord, Of_another_format_is_unsupported_whatever_follows) {
  StorageInfo info;
  info.format = kStorageFormat + 1;
  EXPECT_EQ(refused(info), ErrorCode::kUnsupported);
  info.format = kStorageFormat - 1;
  EXPECT_EQ(refused(info), ErrorCode::kUnsupported);
  EXPECT_EQ(decode_info(std::string("\0\0\0\x63 something new", 18)).error().code,
            ErrorCode::kUnsupported);
}

TEST(StorageInfoRecord, Of_an_import_is_told_and_too_new_for_who_does_not_know_it) {
  StorageInfo info{.incarnation = Incarnation("0123456789abcdef"), .importing = true};
  const auto read = decode_info(encode_info(info));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->importing);
  EXPECT_EQ(read->incarnation, info.incarnation);
  EXPECT_GT(ByteReader(encode_info(info)).u32(), kStorageFormat);
  info.format = kStorageFormat + 1;
  EXPECT_EQ(refused(info), ErrorCode::kUnsupported);
  info.importing = false;
  info.format = kStorageFormat;
  EXPECT_FALSE(decode_info(encode_info(info))->importing);
}

TEST(StorageInfoRecord, Cut_short_anywhere_is_corrupt) {
  const Bytes whole = encode_info({.incarnation = Incarnation("0123456789abcdef")});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(decode_info(whole.substr(0, size)).error().code, ErrorCode::kCorrupt) << size;
}

TEST(StorageInfoRecord, With_impossible_partitions_is_corrupt) {
  StorageInfo info;
  info.partitions = 0;
  EXPECT_EQ(refused(info), ErrorCode::kCorrupt);
  info.partitions = kPartitionsMax + 1;
  EXPECT_EQ(refused(info), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace longwire::middle
