// Slots of keys, as the cluster specification gives them.

#include <gtest/gtest.h>

#include "storage/redis/slot.h"

namespace longwire::test {
namespace {

using storage::redis::slot_of;

TEST(RedisSlot, Of_the_specifications_check_value_is_its_crc16) {
  EXPECT_EQ(slot_of("123456789"), 0x31C3);
}

TEST(RedisSlot, Of_known_keys_is_what_a_server_says) {
  EXPECT_EQ(slot_of(""), 0);
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of("bar"), 5061);
  EXPECT_EQ(slot_of("somekey"), 11058);
}

TEST(RedisSlot, Is_the_tags_where_there_is_one) {
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
  EXPECT_EQ(slot_of("{user1000}.followers"), slot_of("user1000"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
}

TEST(RedisSlot, Is_the_whole_keys_where_the_tag_is_empty_or_open) {
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{}{bar}"), 8363);
  EXPECT_NE(slot_of("{bar"), slot_of("bar"));
  EXPECT_NE(slot_of("}bar{"), slot_of("bar"));
}

TEST(RedisSlot, Takes_any_byte) { EXPECT_LT(slot_of(std::string_view("\0\xFF{\x80", 4)), 16384); }

}  // namespace
}  // namespace longwire::test
