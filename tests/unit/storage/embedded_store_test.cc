// Opening, expiry and bounds of the embedded store.

#include "storage/embedded/embedded_store.h"

#include <filesystem>

#include "storage/embedded/rocks_format.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/storage/embedded_fixture.h"

namespace longwire::test {
namespace {

class EmbeddedStoreTest : public EmbeddedFixture {
 protected:
  const Clock& clock() override { return clock_; }
  Result<std::unique_ptr<storage::EmbeddedStore>> try_open() {
    return storage::open_embedded_store(options_, clock_, null_log());
  }

  ManualClock clock_;
};

TEST_F(EmbeddedStoreTest, Absent_database_is_not_made_unless_asked) {
  options_.create_with.reset();
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(options_.path + "/CURRENT"));
}

TEST_F(EmbeddedStoreTest, Existing_database_keeps_what_it_was_made_with) {
  { ASSERT_TRUE(try_open().ok()); }
  options_.create_with->partitions = 99;
  options_.create_with->incarnation = middle::Incarnation("other");
  const auto again = try_open();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->info().partitions, kPartitions);
  EXPECT_EQ((*again)->info().incarnation, contract_storage_info().incarnation);
}

TEST_F(EmbeddedStoreTest, Newer_format_is_refused) {
  options_.create_with->format = middle::kStorageFormat + 1;
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
}

TEST_F(EmbeddedStoreTest, Directory_in_use_is_refused_with_a_clear_message) {
  const auto first = try_open();
  ASSERT_TRUE(first.ok());
  const auto second = try_open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(second.error().message.find("in use by another process"), std::string::npos)
      << second.error().message;
}

TEST_F(EmbeddedStoreTest, Compaction_drops_expired_rows_and_never_heads) {
  open();
  const Position next = take_over().position + 1;
  const Timestamp soon = clock_.now() + std::chrono::minutes(1);
  middle::Batch batch{clock_.now(), "state", {{"soon", "v", soon}, {"never", "v", std::nullopt}}};
  ASSERT_TRUE(wait_for<CommitOutcome>([&](auto done) {
                store_->commit(0, WriterId("w"), next,
                               std::make_shared<const middle::Batch>(std::move(batch)),
                               std::move(done));
              }).ok());
  ASSERT_TRUE(store_->compact().ok());
  EXPECT_TRUE(read(0, {"soon"})[0].has_value());
  clock_.advance(std::chrono::hours(24 * 365));
  ASSERT_TRUE(store_->compact().ok());
  EXPECT_FALSE(read(0, {"soon"})[0].has_value());
  EXPECT_TRUE(read(0, {"never"})[0].has_value());
  store_.reset();
  options_.create_with.reset();  // the info is there still, too
  open();
  EXPECT_EQ(head()->position, next);
}

TEST_F(EmbeddedStoreTest, Commits_that_wait_share_a_sync) {
  open();
  for (PartitionId partition = 0; partition < kPartitions; ++partition) take_over(partition);
  const auto before = disk_->syncs();
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::future<Result<CommitOutcome>>> answers;
    for (PartitionId partition = 0; partition < kPartitions; ++partition) {
      auto promise = std::make_shared<std::promise<Result<CommitOutcome>>>();
      answers.push_back(promise->get_future());
      const Position position = static_cast<Position>(round) + 2;
      store_->commit(partition, WriterId("w"), position, batch_of(position, 10),
                     [promise](auto result) { promise->set_value(std::move(result)); });
    }
    for (auto& answer : answers) ASSERT_EQ(answer.get().value(), CommitOutcome::kDone);
  }
  EXPECT_LT(disk_->syncs() - before, kRounds * kPartitions / 2);
}

TEST_F(EmbeddedStoreTest, Commits_above_the_queues_bytes_are_refused) {
  options_.commits_queued_bytes_max = 1000;
  open();
  const Position next = take_over().position + 1;
  const auto refused = commit(next, 1000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(commit(next, 10).value(), CommitOutcome::kDone);
}

TEST_F(EmbeddedStoreTest, Reads_above_the_queue_are_refused) {
  options_.reads_queued_max = 0;
  open();
  const auto refused = head();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

TEST_F(EmbeddedStoreTest, Destruction_answers_every_call) {
  open();
  take_over();
  int answered = 0;  // by threads that are joined before it is read
  std::mutex mutex;
  auto count = [&](auto) {
    const std::lock_guard lock(mutex);
    ++answered;
  };
  for (Position i = 2; i < 102; ++i) {
    store_->commit(0, WriterId("w"), i, batch_of(i, 10), count);
    store_->head(0, count);
  }
  store_.reset();
  EXPECT_EQ(answered, 200);
}

}  // namespace
}  // namespace longwire::test
