#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/hash.h"
#include "daemon/move/move_decoder.h"
#include "daemon/move/move_encoder.h"
#include "daemon/move/move_items.h"
#include "daemon/move/row_kind.h"

namespace longwire::daemon {
namespace {

using middle::AppId;
using middle::Row;

constexpr Timestamp kMoment{1'800'000'000'000};
constexpr std::size_t kVersionAt = kMoveMagic.size();
constexpr std::size_t kFirstFrameAt = kMoveMagic.size() + 4;

class TextSink final : public ByteSink {
 public:
  Status write(BytesView bytes) override {
    text.append(bytes);
    return {};
  }
  Bytes text;
};

// Gives at most `step` bytes at a time.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(Bytes text, std::size_t step = 1000) : text_(std::move(text)), step_(step) {}
  Result<std::size_t> read(std::span<char> out) override {
    asked = std::max(asked, out.size());
    const std::size_t size = std::min({out.size(), step_, text_.size() - at_});
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }
  std::size_t asked = 0;  // for at most so many at once

 private:
  const Bytes text_;
  const std::size_t step_;
  std::size_t at_ = 0;
};

MoveHeader header(std::uint16_t partitions = 2) {
  MoveHeader header;
  header.info.partitions = partitions;
  header.info.incarnation = middle::Incarnation("0123456789abcdef");
  header.moment = kMoment;
  return header;
}

middle::RosterItem roster_item(const std::string& contact) {
  middle::RosterItem item;
  item.owner = middle::XmppAccount("ann");
  item.contact = contact;
  item.groups = {"a", "b"};
  item.subscription = 3;
  item.ask = true;
  item.pending_stanza = "<presence/>";
  item.version = 17;
  return item;
}

middle::App app() {
  middle::App app;
  app.id = AppId("1");
  app.key = middle::AppKey("key");
  app.packages = {middle::PackageName("org.example")};
  app.secrets = {{"hash", std::nullopt}, {"old", Timestamp{7}}};
  return app;
}

middle::User user() {
  middle::User user;
  user.account = middle::XmppAccount("ann");
  user.created = {5};
  user.credentials.banned = true;
  user.credentials.sha256 = {"salt", 10000, "stored", "server"};
  return user;
}

// A file with something of everything.
Status write_sample(MoveEncoder& encoder) {
  TRY(encoder.begin(header()));
  TRY(encoder.begin_partition({0, Timestamp{99}, "state of 0"}));
  TRY(encoder.add(Row{"b1", "body", kMoment}));
  TRY(encoder.add(Row{"r1", std::string("\0\xff", 2), std::nullopt}));
  TRY(encoder.end_partition());
  TRY(encoder.begin_partition({1, Timestamp{98}, ""}));
  TRY(encoder.end_partition());
  TRY(encoder.add(app()));
  TRY(encoder.add(user()));
  TRY(encoder.add(roster_item("bob")));
  TRY(encoder.add(roster_item("cid")));
  TRY(encoder.add(middle::TopicRow{AppId("1"), middle::Tag("news"), {middle::RegId("r"), 4, 9}}));
  TRY(encoder.add(middle::CounterRow{AppId("1"), "2026-11-21", "sent", 5}));
  return encoder.end_directory(40);
}

Bytes made(const std::function<Status(MoveEncoder&)>& write) {
  TextSink sink;
  MoveEncoder encoder(sink);
  EXPECT_TRUE(write(encoder).ok());
  EXPECT_TRUE(encoder.end().ok());
  return sink.text;
}

ErrorCode refused(const Bytes& text) {
  TextSource source(text);
  const auto read = check_move(source);
  return read.ok() ? ErrorCode::kInternal : read.error().code;
}

// The frames behind the magic, cut apart.
std::vector<Bytes> frames_of(const Bytes& text) {
  std::vector<Bytes> frames;
  for (std::size_t at = kFirstFrameAt; at < text.size();) {
    const std::size_t size = 8 + ByteReader(BytesView(text).substr(at)).u32();
    frames.push_back(text.substr(at, size));
    at += size;
  }
  return frames;
}

Bytes joined(const std::vector<Bytes>& frames) {
  Bytes text = made(write_sample).substr(0, kFirstFrameAt);
  for (const Bytes& frame : frames) text += frame;
  return text;
}

TEST(MoveCodec, Everything_comes_back_as_it_was_given) {
  TextSource source(made(write_sample), 7);
  MoveDecoder decoder(source);
  const auto begun = decoder.begin();
  ASSERT_TRUE(begun.ok());
  EXPECT_EQ(begun->info.incarnation, header().info.incarnation);
  EXPECT_EQ(begun->moment, kMoment);
  const auto partition = std::get<MovePartition>(decoder.next().value());
  EXPECT_EQ(partition.state, "state of 0");
  EXPECT_EQ(partition.stamp, Timestamp{99});
  const auto rows = std::get<MoveRows>(decoder.next().value());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].key, "b1");
  EXPECT_EQ(rows[0].expires, kMoment);
  EXPECT_EQ(rows[1].value, std::string("\0\xff", 2));
  EXPECT_EQ(rows[1].expires, std::nullopt);
  EXPECT_EQ(std::get<MovePartition>(decoder.next().value()).number, 1);
}

// The items' own bytes are compared: a field that is not carried would be missing in them.
template <typename Item>
void expect_same(const Item& item) {
  ByteWriter first;
  write_item(first, item);
  ByteReader reader(first.bytes());
  Item again;
  read_item(reader, again);
  EXPECT_TRUE(reader.finish().ok());
  ByteWriter second;
  write_item(second, again);
  EXPECT_EQ(first.bytes(), second.bytes());
  EXPECT_EQ(item_key(item), item_key(again));
}

TEST(MoveCodec, Items_of_the_directory_come_back_as_they_were) {
  expect_same(app());
  expect_same(user());
  expect_same(roster_item("bob"));
  expect_same(middle::TopicRow{AppId("1"), middle::Tag("t"), {middle::RegId("r"), 4, 9}});
  expect_same(middle::CounterRow{AppId("1"), "2026-11-21", "sent", 5});
}

TEST(MoveCodec, Keys_of_items_are_ordered_like_their_names_one_by_one) {
  const auto key = [](const std::string& name, const std::string& tag) {
    return item_key(middle::TopicRow{AppId(name), middle::Tag(tag), {}});
  };
  EXPECT_LT(key("a", "z"), key("ab", "a"));
  EXPECT_LT(key("a", "z"), key(std::string("a\0", 2), "a"));
  EXPECT_LT(key(std::string("a\0", 2), "z"), key(std::string("a\0b", 3), "a"));
  EXPECT_LT(key(std::string("a\0b", 3), "z"), key("a\1", "a"));
}

TEST(MoveCodec, Summary_counts_rows_by_kind_and_partition) {
  TextSource source(made(write_sample));
  const auto summary = check_move(source);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  EXPECT_EQ(summary->kinds.at("messages").rows, 1u);
  EXPECT_EQ(summary->kinds.at("messages").bytes, 6u);
  EXPECT_EQ(summary->kinds.at("roster items").rows, 2u);
  EXPECT_EQ(summary->partitions.at(0).rows, 2u);
  EXPECT_EQ(summary->partitions.at(1).rows, 0u);
  EXPECT_EQ(summary->directory.rows, 6u);
  EXPECT_EQ(summary->all().rows, 8u);
}

TEST(MoveCodec, Cut_off_anywhere_is_refused) {
  const Bytes whole = made(write_sample);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(refused(whole.substr(0, size)),
              size < kVersionAt ? ErrorCode::kInvalidArgument : ErrorCode::kCorrupt)
        << size;
  }
}

TEST(MoveCodec, Any_byte_that_is_another_is_refused) {
  const Bytes whole = made(write_sample);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    EXPECT_NE(refused(damaged), ErrorCode::kInternal) << at;
  }
}

TEST(MoveCodec, Any_frame_left_out_or_given_twice_is_refused) {
  const std::vector<Bytes> frames = frames_of(made(write_sample));
  ASSERT_GT(frames.size(), 10u);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto without = frames;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(refused(joined(without)), ErrorCode::kCorrupt) << i;
    auto twice = frames;
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), frames[i]);
    EXPECT_EQ(refused(joined(twice)), ErrorCode::kCorrupt) << i;
  }
}

// As a frame should be, but for what it says.
Bytes frame_of(const ByteWriter& payload) {
  ByteWriter frame;
  frame.u32(static_cast<std::uint32_t>(payload.bytes().size())).u32(crc32c(payload.bytes()));
  return frame.raw(payload.bytes()).bytes();
}

TEST(MoveCodec, Counts_that_are_not_those_of_the_rows_are_refused) {
  const std::vector<Bytes> frames = frames_of(made(write_sample));
  const auto expect_refused = [&](MoveFrame kind, const ByteWriter& payload) {
    auto lying = frames;
    const auto found = std::find_if(lying.begin(), lying.end(), [&](const Bytes& frame) {
      return frame[8] == static_cast<char>(kind);
    });
    ASSERT_NE(found, lying.end());
    *found = frame_of(payload);
    EXPECT_EQ(refused(joined(lying)), ErrorCode::kCorrupt) << static_cast<int>(kind);
  };
  const auto payload = [](MoveFrame kind) {
    return ByteWriter().u8(static_cast<std::uint8_t>(kind));
  };
  expect_refused(MoveFrame::kPartitionEnd,
                 payload(MoveFrame::kPartitionEnd).varint(2).varint(8).u64(0));
  expect_refused(MoveFrame::kDirectoryEnd,
                 payload(MoveFrame::kDirectoryEnd).varint(40).varint(6).varint(9).u64(0));
  expect_refused(MoveFrame::kEnd, payload(MoveFrame::kEnd).varint(0));
}

TEST(MoveCodec, Newer_version_and_another_format_are_refused_as_such) {
  Bytes newer = made(write_sample);
  newer[kVersionAt + 3] = 2;
  EXPECT_EQ(refused(newer), ErrorCode::kUnsupported);
  EXPECT_EQ(refused(made([](MoveEncoder& encoder) {
              MoveHeader other = header();
              other.info.format = middle::kStorageFormat + 1;
              return encoder.begin(other);
            })),
            ErrorCode::kUnsupported);
}

TEST(MoveCodec, What_is_something_else_is_told_from_a_damaged_file) {
  EXPECT_EQ(refused("SQLite format 3, and what else lies in such a file"),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(""), ErrorCode::kInvalidArgument);
}

TEST(MoveCodec, What_follows_the_end_is_refused) {
  EXPECT_EQ(refused(made(write_sample) + "x"), ErrorCode::kCorrupt);
}

TEST(MoveCodec, Size_that_lies_costs_no_memory) {
  for (const std::uint32_t size : {0xFFFF'FFFFu, static_cast<std::uint32_t>(kMoveFrameBytesMax)}) {
    ByteWriter lie;
    lie.raw(made(write_sample).substr(0, kFirstFrameAt)).u32(size).u32(0).raw("x");
    TextSource source(lie.bytes());
    EXPECT_EQ(check_move(source).error().code, ErrorCode::kCorrupt);
    EXPECT_LE(source.asked, 1024u * 1024);
  }
}

TEST(MoveCodec, Rows_out_of_order_or_twice_are_refused) {
  for (const char* second : {"k", "j"}) {
    EXPECT_EQ(refused(made([&](MoveEncoder& encoder) -> Status {
                TRY(encoder.begin(header(1)));
                TRY(encoder.begin_partition({}));
                TRY(encoder.add(Row{"k", ""}));
                TRY(encoder.add(Row{second, ""}));
                TRY(encoder.end_partition());
                return encoder.end_directory(0);
              })),
              ErrorCode::kCorrupt);
  }
}

TEST(MoveCodec, Row_that_had_expired_is_refused) {
  EXPECT_EQ(refused(made([](MoveEncoder& encoder) -> Status {
              TRY(encoder.begin(header(1)));
              TRY(encoder.begin_partition({}));
              TRY(encoder.add(Row{"k", "", Timestamp{kMoment.ms - 1}}));
              TRY(encoder.end_partition());
              return encoder.end_directory(0);
            })),
            ErrorCode::kCorrupt);
}

TEST(MoveCodec, Stamp_that_nothing_could_follow_is_refused) {
  EXPECT_EQ(refused(made([](MoveEncoder& encoder) -> Status {
              TRY(encoder.begin(header(1)));
              TRY(encoder.begin_partition({0, Timestamp{INT64_MAX}, ""}));
              TRY(encoder.end_partition());
              return encoder.end_directory(0);
            })),
            ErrorCode::kCorrupt);
}

TEST(MoveCodec, Many_rows_and_the_largest_row_are_read_again) {
  TextSource source(made([](MoveEncoder& encoder) -> Status {
                      TRY(encoder.begin(header(1)));
                      TRY(encoder.begin_partition({}));
                      for (int i = 0; i < 20'000; ++i) {
                        TRY(encoder.add(Row{"e" + std::to_string(100'000 + i), ""}));
                      }
                      TRY(encoder.add(Row{"f", Bytes(middle::kBatchBytesMax, 'x')}));
                      TRY(encoder.end_partition());
                      return encoder.end_directory(0);
                    }),
                    1'000'000);
  const auto summary = check_move(source);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  EXPECT_EQ(summary->all().rows, 20'001u);
}

TEST(RowKind, Is_told_by_the_key) {
  EXPECT_STREQ(row_kind("b123456789012"), "messages");
  EXPECT_STREQ(row_kind("rabc"), "registrations");
  EXPECT_STREQ(row_kind("l"), "others");
  EXPECT_STREQ(row_kind(""), "others");
}

}  // namespace
}  // namespace longwire::daemon
