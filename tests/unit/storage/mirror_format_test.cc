// What the mirror keeps in Redis, byte by byte, and its part of the configuration.

#include "storage/mirror/mirror_format.h"

#include <gtest/gtest.h>

#include "storage/mirror/options.h"
#include "storage/redis/slot.h"

namespace longwire::storage::mirror {
namespace {

middle::StorageInfo info() {
  middle::StorageInfo info;
  info.incarnation = middle::Incarnation("00000000000000aa");
  return info;
}

std::vector<std::string> words_of(const redis::Command& command) {
  std::vector<std::string> words;
  command.words.for_each([&](std::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(MirrorFormat, Copy_is_a_value_or_says_that_there_is_none) {
  const Bytes zero(1, '\0');
  for (const std::optional<Bytes>& value :
       {std::optional<Bytes>("v"), std::optional<Bytes>(""), std::optional<Bytes>("-"),
        std::optional<Bytes>(zero), std::optional<Bytes>()}) {
    const auto decoded = decode_copy(encode_copy(value));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(*decoded, value);
  }
  EXPECT_FALSE(decode_copy("").has_value());
  EXPECT_FALSE(decode_copy("v").has_value());
  EXPECT_FALSE(decode_copy("--").has_value());
}

TEST(MirrorFormat, Keys_of_a_partition_share_a_slot_and_not_with_others) {
  const MirrorKeys keys(info(), 3);
  EXPECT_EQ(keys.seal(), "longwire:{00000000000000aa.3}:seal");
  EXPECT_EQ(keys.row("0123456789ab", "dX{y}"), "longwire:{00000000000000aa.3}:0123456789ab:dX{y}");
  EXPECT_EQ(redis::slot_of(keys.seal()), redis::slot_of(keys.row("0123456789ab", "dX{y}")));
  EXPECT_EQ(redis::slot_of(keys.seal()), redis::slot_of(keys.pattern()));
  EXPECT_NE(keys.seal(), MirrorKeys(info(), 13).seal());
}

TEST(MirrorFormat, Seal_names_generation_position_and_writer) {
  EXPECT_EQ(encode_seal("0123456789ab", {middle::WriterId("w:1"), 17}), "0123456789ab:17:w:1");
}

TEST(MirrorFormat, Takeover_names_what_it_expects_and_what_it_leaves) {
  const auto command =
      begin_command(MirrorKeys(info(), 3), {middle::WriterId("a"), 4}, {middle::WriterId("b"), 5},
                    "0123456789ab", std::chrono::seconds(2));
  const std::vector<std::string> expected = {"EVAL",
                                             std::string(kBeginScript),
                                             "1",
                                             "longwire:{00000000000000aa.3}:seal",
                                             ":4:a",
                                             ":5:b",
                                             "0123456789ab",
                                             "12",
                                             "2000"};
  EXPECT_EQ(words_of(command), expected);
  EXPECT_EQ(command.key, 3u);
  EXPECT_FALSE(command.repeatable);
}

TEST(MirrorFormat, Write_carries_keys_first_and_copies_in_their_order) {
  Write write{.generation = "0123456789ab",
              .expected = "old",
              .next = "new",
              .mode = WriteMode::kUpdate,
              .rows = {{"k", "=v"}, {"l", ""}}};
  const MirrorKeys keys(info(), 3);
  std::vector<std::string> expected = {"EVAL",
                                       std::string(kWriteScript),
                                       "3",
                                       keys.seal(),
                                       keys.row("0123456789ab", "k"),
                                       keys.row("0123456789ab", "l"),
                                       "old",
                                       "new",
                                       "XX",
                                       "1000",
                                       "=v",
                                       ""};
  EXPECT_EQ(words_of(write_command(keys, write, std::chrono::seconds(1))), expected);
  write.mode = WriteMode::kFill;
  expected[8] = "NX";
  const auto fill = write_command(keys, write, std::chrono::seconds(1));
  EXPECT_EQ(words_of(fill), expected);
  EXPECT_FALSE(fill.repeatable);
}

TEST(MirrorOptions, Bounds_are_kept) {
  Options options;
  ConfigSchema schema;
  declare_config(schema, options);
  EXPECT_TRUE(schema.apply_toml("[mirror]\nkeep = \"2h\"\nwait = \"10ms\"", "f").ok());
  EXPECT_EQ(options.keep, std::chrono::hours(2));
  EXPECT_EQ(options.wait, std::chrono::milliseconds(10));
  EXPECT_FALSE(schema.apply_toml("[mirror]\nkeep = \"10ms\"", "f").ok());
  EXPECT_FALSE(schema.apply_toml("[mirror]\nrow_bytes_max = -1", "f").ok());
}

}  // namespace
}  // namespace longwire::storage::mirror
