// A disk that is full or fails, and what happens when it works again.

#include "tests/unit/storage/embedded_fixture.h"

namespace longwire::test {
namespace {

class FullDisk : public EmbeddedFixture {
 protected:
  void SetUp() override {
    open();
    last_ = take_over().position;
    ASSERT_EQ(commit(++last_).value(), CommitOutcome::kDone);
  }
  // Commits until one fails; its position is last_ + 1 then.
  Error commit_until_it_fails(std::size_t value_bytes = 10000) {
    for (;;) {
      const auto result = commit(last_ + 1, value_bytes);
      if (!result.ok()) return result.error();
      ++last_;
    }
  }
  void expect_all_in() {
    EXPECT_EQ(head()->position, last_);
    for (Position i = 2; i <= last_; ++i) EXPECT_TRUE(is_in(i)) << i;
  }

  Position last_ = 0;
};

TEST_F(FullDisk, Refuses_commits_with_a_time_to_retry_and_still_reads) {
  options_.retry_interval = std::chrono::milliseconds(200);
  store_.reset();
  open();
  disk_->set_space(100'000);
  const Error error = commit_until_it_fails();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.retry_after, options_.retry_interval);
  EXPECT_TRUE(is_in(last_));
  EXPECT_FALSE(head().ok());  // open: the failed batch may be in
}

TEST_F(FullDisk, Repeated_commit_goes_through_when_there_is_space_again) {
  disk_->set_space(100'000);
  commit_until_it_fails();
  EXPECT_FALSE(commit(last_ + 1, 10000).ok());
  disk_->set_space(std::nullopt);
  ASSERT_EQ(commit(last_ + 1, 10000).value(), CommitOutcome::kDone);
  ++last_;
  ASSERT_EQ(commit(++last_).value(), CommitOutcome::kDone);
  expect_all_in();
  store_.reset();
  open();
  expect_all_in();
}

// The writer may settle by the head alone.
TEST_F(FullDisk, Head_is_known_again_when_there_is_space) {
  disk_->set_space(100'000);
  commit_until_it_fails();
  EXPECT_EQ(head().error().code, ErrorCode::kUnavailable);
  disk_->set_space(std::nullopt);
  const auto now = head();
  ASSERT_TRUE(now.ok());
  EXPECT_EQ(is_in(last_ + 1), now->position > last_);
}

TEST_F(FullDisk, Full_again_and_again_loses_and_doubles_nothing) {
  for (std::uint64_t space = 20'000; space < 60'000; space += 3'333) {
    disk_->set_space(space);
    commit_until_it_fails(5000);
    disk_->set_space(std::nullopt);
    ASSERT_EQ(commit(last_ + 1, 5000).value(), CommitOutcome::kDone) << space;
    ++last_;
  }
  expect_all_in();
}

TEST_F(FullDisk, Power_cut_while_it_is_full_loses_no_acknowledged_commit) {
  disk_->set_space(100'000);
  commit_until_it_fails();
  disk_->cut_power();
  store_.reset();
  disk_->set_space(std::nullopt);
  disk_->restore_power();
  open();
  const Position position = head()->position;
  EXPECT_GE(position, last_);
  EXPECT_LE(position, last_ + 1);
  for (Position i = 2; i <= last_ + 1; ++i) EXPECT_EQ(is_in(i), i <= position) << i;
}

// A batch whose write failed must not come back behind a takeover that gave it up.
TEST_F(FullDisk, Batch_given_up_by_a_takeover_stays_away) {
  disk_->fail_syncs(true);
  ASSERT_FALSE(commit(last_ + 1).ok());
  disk_->fail_syncs(false);
  const Head now = take_over(0, "next");
  const bool was_in = now.previous_position > last_;
  EXPECT_EQ(is_in(last_ + 1), was_in);
  cut_power_and_open();
  EXPECT_EQ(is_in(last_ + 1), was_in);
  EXPECT_EQ(head()->writer, WriterId("next"));
}

TEST_F(FullDisk, Failed_sync_is_settled_by_a_repeat) {
  disk_->fail_syncs(true);
  ASSERT_FALSE(commit(last_ + 1).ok());
  ASSERT_FALSE(commit(last_ + 1).ok());
  disk_->fail_syncs(false);
  ASSERT_EQ(commit(last_ + 1).value(), CommitOutcome::kDone);
  ++last_;
  cut_power_and_open();
  expect_all_in();
}

TEST_F(FullDisk, Flush_that_finds_no_space_is_overcome) {
  options_.memtable_bytes = 64 * 1024;
  store_.reset();
  open();
  for (int round = 0; round < 3; ++round) {
    disk_->set_space(150'000);
    commit_until_it_fails(3000);
    disk_->set_space(std::nullopt);
    ASSERT_EQ(commit(last_ + 1, 3000).value(), CommitOutcome::kDone);
    ++last_;
  }
  expect_all_in();
}

}  // namespace
}  // namespace longwire::test
