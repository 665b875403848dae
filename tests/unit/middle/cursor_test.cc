#include "middle/feed/cursor.h"

#include "tests/unit/middle/rows_world.h"

namespace longwire::middle {
namespace {

class CursorRules : public RowsWorld {
 public:
  CursorRules() { absent(key); }
  FeedNumber raise(FeedNumber number, const Incarnation& incarnation = {}) {
    Transaction run = begin();
    const FeedNumber risen = raise_cursor(run, "r", feed, number, incarnation).value();
    keep(run, key);
    return risen;
  }
  FeedNumber read(const Incarnation& incarnation = {}) {
    Transaction run = begin();
    return read_cursor(run, "r", feed, incarnation).value();
  }
  CursorRow row() {
    CursorRow stored;
    Transaction run = begin();
    EXPECT_TRUE(decode(*run.get(key), stored).ok());
    return stored;
  }

  const FeedId feed{"inbox:r"};
  const Bytes key = cursor_key("r", feed);
};

TEST_F(CursorRules, A_reader_without_one_is_at_zero) { EXPECT_EQ(read(), 0u); }

TEST_F(CursorRules, Raising_answers_by_how_much) {
  EXPECT_EQ(raise(3), 3u);
  EXPECT_EQ(raise(5), 2u);
  EXPECT_EQ(read(), 5u);
}

TEST_F(CursorRules, A_cursor_only_rises) {
  raise(5);
  EXPECT_EQ(raise(4), 0u);
  EXPECT_EQ(raise(5), 0u);
  EXPECT_EQ(read(), 5u);
}

TEST_F(CursorRules, Raising_to_no_higher_number_writes_nothing) {
  raise(5);
  const Bytes before = *begin().get(key);
  now = now + std::chrono::seconds(1);
  raise(4);
  raise(5);
  EXPECT_EQ(*begin().get(key), before);
}

TEST_F(CursorRules, Another_incarnation_begins_anew) {
  raise(5);
  EXPECT_EQ(read(Incarnation("new")), 0u);
  EXPECT_EQ(raise(2, Incarnation("new")), 2u);
  EXPECT_EQ(read(Incarnation("new")), 2u);
  EXPECT_EQ(row().steps.size(), 1u);
}

TEST_F(CursorRules, Steps_tell_when_a_number_was_passed) {
  const Timestamp first = now;
  raise(3);
  now = now + std::chrono::seconds(1);
  raise(5);
  EXPECT_EQ(passed_at(row(), 1), first);
  EXPECT_EQ(passed_at(row(), 3), first);
  EXPECT_EQ(passed_at(row(), 4), now);
  EXPECT_EQ(passed_at(row(), 6), std::nullopt);
}

TEST_F(CursorRules, Only_the_last_steps_are_kept) {
  for (FeedNumber number = 1; number <= kCursorStepsMax + 4; ++number) raise(number);
  EXPECT_EQ(row().steps.size(), kCursorStepsMax);
  EXPECT_EQ(row().steps.front().number, 5u);
  EXPECT_EQ(row().steps.back().number, kCursorStepsMax + 4);
}

TEST(CursorRow, Is_read_back_as_written) {
  const CursorRow row{7, {{3, {1000}}, {7, {-5}}}, Incarnation("i")};
  CursorRow again;
  ASSERT_TRUE(decode(encode(row), again).ok());
  EXPECT_EQ(again.number, 7u);
  EXPECT_EQ(again.incarnation, Incarnation("i"));
  ASSERT_EQ(again.steps.size(), 2u);
  EXPECT_EQ(again.steps[1].number, 7u);
  EXPECT_EQ(again.steps[1].at.ms, -5);
}

TEST(CursorRow, Of_an_archive_counts_bytes) {
  CursorRow row{7, {}, {}, 300};
  CursorRow again;
  ASSERT_TRUE(decode(encode(row), again).ok());
  EXPECT_EQ(again.bytes, 300u);
}

TEST(FeedRow, Of_an_archive_counts_bytes) {
  FeedRow row;
  row.tail = 3;
  row.segments = {{2, {1000}, 200}, {3, {2000}, 300}};
  row.bytes = 300;
  row.trimmed = 50;
  FeedRow again;
  ASSERT_TRUE(decode(encode(row), again).ok());
  EXPECT_EQ(again.bytes, 300u);
  EXPECT_EQ(again.trimmed, 50u);
  ASSERT_EQ(again.segments.size(), 2u);
  EXPECT_EQ(again.segments[0].bytes, 200u);
}

TEST(CursorRow, Of_a_newer_version_is_refused) {
  Bytes bytes = encode(CursorRow{7, {}, {}});
  bytes[0] = 3;
  CursorRow row;
  EXPECT_EQ(decode(bytes, row).error().code, ErrorCode::kUnsupported);
}

TEST(CursorRow, With_more_steps_than_are_kept_is_corrupt) {
  CursorRow row;
  row.steps.resize(kCursorStepsMax + 1);
  CursorRow again;
  EXPECT_EQ(decode(encode(row), again).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace longwire::middle
