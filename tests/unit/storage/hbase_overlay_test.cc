#include <gtest/gtest.h>

#include "storage/hbase/derived_rows.h"
#include "storage/hbase/format.h"
#include "storage/hbase/overlay.h"

namespace longwire::storage::hbase {
namespace {

using middle::Batch;
using middle::BatchPtr;
using middle::RowWrite;

BatchPtr batch(std::vector<RowWrite> rows, std::int64_t stamp = 1) {
  return std::make_shared<const Batch>(Batch{{stamp}, "", std::move(rows)});
}
RowWrite row(Bytes key, Bytes value) { return {std::move(key), std::move(value), std::nullopt}; }

Bytes keys_of(const std::vector<Overlay::Entry>& entries) {
  Bytes keys;
  for (const auto& entry : entries) keys += entry.row->key;
  return keys;
}

TEST(HBaseOverlay, Holds_the_newest_of_a_key_until_that_is_derived) {
  Overlay overlay;
  auto first = batch({row("k", "1"), row("l", "1")});
  overlay.add(1, first);
  overlay.add(2, batch({row("k", "2")}));
  EXPECT_EQ(*overlay.find("k")->row->value, "2");
  overlay.remove(1, *first);
  first.reset();  // its keys go with it
  EXPECT_EQ(*overlay.find("k")->row->value, "2");
  EXPECT_EQ(overlay.find("l"), nullptr);
}

TEST(HBaseOverlay, Range_ends_with_what_a_scan_can_need) {
  Overlay overlay;
  overlay.add(1, batch({row("a", ""),
                        {"b", {}, {}},
                        {"c", "", Timestamp{5}},
                        row("d", ""),
                        row("e", ""),
                        row("f", "")}));
  EXPECT_EQ(keys_of(overlay.range({.from = "a", .to = "f"}, {1})), "abcde");
  EXPECT_EQ(keys_of(overlay.range({.from = "a", .to = "f", .reverse = true}, {1})), "edcba");
  EXPECT_EQ(keys_of(overlay.range({.from = "a", .to = "z", .rows_max = 2}, {1})), "abc");
  EXPECT_EQ(keys_of(overlay.range({.from = "a", .to = "z", .rows_max = 2}, {9})), "abcd");
  EXPECT_EQ(keys_of(overlay.range({.from = "c", .to = "c"}, {1})), "");
}

TEST(HBaseOverlay, Derived_rows_are_the_newest_of_each_key_with_their_batchs_stamp) {
  std::vector<StoredRow> rows;
  append_derived(3,
                 {{1, batch({row("k", "1"), row("l", "1")}, 10)}, {2, batch({row("k", "2")}, 20)}},
                 std::chrono::hours(1), rows);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].key, row_key(3, "k"));
  EXPECT_EQ(rows[0].cells[0].stamp, 20);
  EXPECT_EQ(decode_row(rows[0].cells[0].value)->value, "2");
  EXPECT_EQ(rows[1].key, row_key(3, "l"));
  EXPECT_EQ(rows[1].cells[0].stamp, 10);
}

}  // namespace
}  // namespace longwire::storage::hbase
