// What a power cut leaves, and what a damaged log leaves.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/unit/storage/embedded_fixture.h"

namespace longwire::test {
namespace {

class PowerCut : public EmbeddedFixture {
 protected:
  // The number of acknowledged commits that a power cut took, over many cuts.
  int count_lost(int rounds) {
    open();
    Position acknowledged = take_over().position;
    int lost = 0;
    for (int round = 0; round < rounds; ++round) {
      for (int i = 0; i < 5; ++i) {
        if (commit(acknowledged + 1).value() == CommitOutcome::kDone) ++acknowledged;
      }
      cut_power_and_open();
      const Position left = head()->position;
      lost += static_cast<int>(acknowledged - left);
      for (Position i = 2; i <= acknowledged; ++i) EXPECT_EQ(is_in(i), i <= left);
      acknowledged = left;
      if (left == 0) acknowledged = take_over().position;
    }
    return lost;
  }
  std::filesystem::path newest_log() {
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
      if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
    }
    return newest;
  }
  // Commits `count` and closes; then the log's last bytes can be damaged.
  void write_and_close(Position count) {
    open();
    const Position start = take_over().position;
    for (Position i = 1; i <= count; ++i)
      ASSERT_EQ(commit(start + i).value(), CommitOutcome::kDone);
    store_.reset();
  }
  // Everything up to the head is in, nothing behind it.
  void expect_clean_prefix(Position written) {
    open();
    const Position left = head()->position;
    EXPECT_LT(left, written);
    for (Position i = 2; i <= written; ++i) EXPECT_EQ(is_in(i), i <= left) << i;
    if (left == 0) take_over();
    EXPECT_EQ(commit(head()->position + 1).value(), CommitOutcome::kDone);
  }
};

TEST_F(PowerCut, Takes_no_acknowledged_commit) { EXPECT_EQ(count_lost(20), 0); }

// Shows that the test above can fail.
TEST_F(PowerCut, Takes_acknowledged_commits_where_syncing_is_off) {
  options_.sync = false;
  EXPECT_GT(count_lost(20), 0);
}

TEST_F(PowerCut, Takes_nothing_that_had_been_flushed_and_compacted) {
  options_.memtable_bytes = 64 * 1024;  // so that files are written all the time
  open();
  const Position start = take_over().position;
  for (Position i = 1; i <= 100; ++i) {
    ASSERT_EQ(commit(start + i, 4000).value(), CommitOutcome::kDone);
    if (i % 25 == 0) cut_power_and_open();
  }
  ASSERT_TRUE(store_->compact().ok());
  cut_power_and_open();
  EXPECT_EQ(head()->position, start + 100);
  for (Position i = 1; i <= 100; ++i) EXPECT_TRUE(is_in(start + i)) << i;
}

TEST_F(PowerCut, Truncated_log_leaves_a_clean_prefix) {
  write_and_close(20);
  const auto log = newest_log();
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 150);
  expect_clean_prefix(21);
}

TEST_F(PowerCut, Flipped_byte_in_the_log_leaves_a_clean_prefix) {
  write_and_close(20);
  const auto log = newest_log();
  const auto offset = static_cast<std::streamoff>(std::filesystem::file_size(log) - 400);
  std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(offset);
  const char damaged = static_cast<char>(file.get() ^ 0x40);
  file.seekp(offset);
  file.put(damaged);
  file.close();
  expect_clean_prefix(21);
}

}  // namespace
}  // namespace longwire::test
