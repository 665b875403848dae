#include <gtest/gtest.h>

#include "storage/hbase/format.h"

namespace longwire::storage::hbase {
namespace {

using middle::Batch;
using middle::RowWrite;

LogHead some_head() {
  LogHead log;
  log.head.position = 2000;
  log.head.writer = middle::WriterId("young");
  log.head.stamp = {1'700'000'000'000};
  log.head.state = Bytes("lanes\0", 6);
  log.head.previous_writer = middle::WriterId("old");
  log.head.previous_position = 1990;
  log.underived = 1995;
  return log;
}

TEST(HBaseFormat, Head_is_read_as_it_was_written) {
  const LogHead written = some_head();
  const LogHead read = decode_head(encode_head(written)).value();
  EXPECT_EQ(read.head.position, written.head.position);
  EXPECT_EQ(read.head.writer, written.head.writer);
  EXPECT_EQ(read.head.stamp, written.head.stamp);
  EXPECT_EQ(read.head.state, written.head.state);
  EXPECT_EQ(read.head.previous_writer, written.head.previous_writer);
  EXPECT_EQ(read.head.previous_position, written.head.previous_position);
  EXPECT_EQ(read.underived, written.underived);
}

TEST(HBaseFormat, Newer_versions_are_refused) {
  Bytes head = encode_head(some_head());
  head[0] = 2;
  EXPECT_EQ(decode_head(head).error().code, ErrorCode::kUnsupported);
  Bytes part = encode_batch(7, Batch()).front().value;
  part[0] = 2;
  EXPECT_EQ(decode_part(part).error().code, ErrorCode::kUnsupported);
  Bytes row = encode_row({"k", "v", {}}, {1}, {});
  row[0] = 2;
  EXPECT_EQ(decode_row(row).error().code, ErrorCode::kUnsupported);
}

TEST(HBaseFormat, Head_that_names_more_batches_than_slots_is_damaged) {
  LogHead head = some_head();
  head.underived = head.head.position - kSlots;
  EXPECT_EQ(decode_head(encode_head(head)).error().code, ErrorCode::kCorrupt);
  head.underived = head.head.position + 2;
  EXPECT_EQ(decode_head(encode_head(head)).error().code, ErrorCode::kCorrupt);
}

TEST(HBaseFormat, What_is_cut_short_is_damaged) {
  const Bytes head = encode_head(some_head());
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_FALSE(decode_head(BytesView(head).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(decode_part("").ok());
  EXPECT_FALSE(decode_row("").ok());
  EXPECT_FALSE(decode_batch("").ok());
}

TEST(HBaseFormat, Batch_is_read_from_its_parts) {
  Batch batch{{1234}, "state", {}};
  batch.rows.push_back(RowWrite{"big", Bytes(kPartBytesMax * 2, 'x'), std::nullopt});
  batch.rows.push_back(RowWrite{"removed", std::nullopt, std::nullopt});
  batch.rows.push_back(RowWrite{"", "", Timestamp{-5}});
  Bytes bytes;
  const auto cells = encode_batch(kSlots + 3, batch);
  ASSERT_EQ(cells.size(), 3u);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    EXPECT_EQ(cells[i].qualifier, slot_cell(3, i));
    const auto part = decode_part(cells[i].value);
    EXPECT_EQ(part->position, kSlots + 3);
    EXPECT_EQ(part->parts, 3u);
    bytes.append(part->bytes);
  }
  const Batch read = decode_batch(bytes).value();
  EXPECT_EQ(read.stamp, batch.stamp);
  EXPECT_EQ(read.state, "");
  ASSERT_EQ(read.rows.size(), 3u);
  EXPECT_EQ(read.rows[0].value, batch.rows[0].value);
  EXPECT_EQ(read.rows[1].value, std::nullopt);
  EXPECT_EQ(read.rows[2].expires, Timestamp{-5});
}

TEST(HBaseFormat, Rows_tell_value_expiry_and_removal) {
  const Bytes lasting = encode_row({"k", "v", std::nullopt}, {1}, {});
  const auto value = decode_row(lasting);  // views
  EXPECT_EQ(value->value, "v");
  EXPECT_EQ(value->expires, std::nullopt);
  const auto expiring = decode_row(encode_row({"k", "v", Timestamp{-3}}, {1}, {}));
  EXPECT_EQ(expiring->expires, Timestamp{1});
  const auto removed =
      decode_row(encode_row({"k", {}, {}}, {1000}, std::chrono::milliseconds(500)));
  EXPECT_TRUE(removed->removed);
  EXPECT_EQ(removed->expires, Timestamp{1500});
}

}  // namespace
}  // namespace longwire::storage::hbase
