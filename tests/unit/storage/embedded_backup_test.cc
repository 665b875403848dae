// Backup and restore: of one moment, whole or not at all.

#include "storage/embedded/embedded_backup.h"

#include <filesystem>
#include <fstream>

#include "storage/embedded/embedded_directory.h"
#include "tests/unit/storage/embedded_fixture.h"

namespace longwire::test {
namespace {

namespace fs = std::filesystem;

class EmbeddedBackup : public EmbeddedFixture {
 protected:
  void SetUp() override {
    open();
    directory_ = std::move(
        storage::open_embedded_directory({.path = where_.path() + "/directory.sqlite"}).value());
    take_over();
    ASSERT_EQ(commit(2).value(), CommitOutcome::kDone);
    ASSERT_EQ(apply(2), 2u);
  }
  // Applies an empty change at `position`, answers what is applied then.
  Position apply(Position position) {
    EXPECT_TRUE(wait_for<void>([&](auto done) {
                  directory_->apply_topic_changes(0, position, {}, std::move(done));
                }).ok());
    return applied(*directory_);
  }
  static Position applied(middle::Directory& directory) {
    return wait_for<Position>([&](auto done) { directory.topics_applied(0, std::move(done)); })
        .value();
  }
  void back_up() {
    const Status made = storage::make_embedded_backup(*store_, *directory_, backup_);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  Result<middle::StorageInfo> restore() {
    return storage::restore_embedded_backup(backup_, data_, system_random());
  }
  // The next restore() is refused for this reason, and leaves nothing.
  void expect_refused(ErrorCode code, const std::string& word) {
    const auto info = restore();
    ASSERT_FALSE(info.ok());
    EXPECT_EQ(info.error().code, code);
    EXPECT_NE(info.error().message.find(word), std::string::npos) << info.error().message;
    EXPECT_FALSE(fs::exists(data_));
    EXPECT_FALSE(fs::exists(storage::unfinished_restore_path(data_)));
  }

  const std::string backup_ = where_.path() + "/backup";
  const std::string data_ = where_.path() + "/restored";
  std::unique_ptr<storage::EmbeddedDirectory> directory_;
};

TEST_F(EmbeddedBackup, Restores_both_of_one_moment_under_a_new_incarnation) {
  back_up();
  ASSERT_EQ(commit(3).value(), CommitOutcome::kDone);
  ASSERT_EQ(apply(3), 3u);
  store_.reset();

  const auto info = restore();
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_NE(info->incarnation, contract_storage_info().incarnation);
  EXPECT_EQ(info->partitions, kPartitions);
  options_.path = storage::embedded_store_path(data_);
  open();
  EXPECT_EQ(store_->info().incarnation, info->incarnation);
  EXPECT_EQ(head()->position, 2u);
  EXPECT_TRUE(is_in(2));
  EXPECT_FALSE(is_in(3));
  const auto directory =
      storage::open_embedded_directory({.path = storage::embedded_directory_path(data_)});
  ASSERT_TRUE(directory.ok());
  EXPECT_EQ(applied(**directory), 2u);
}

TEST_F(EmbeddedBackup, Does_not_overwrite) {
  back_up();
  EXPECT_EQ(storage::make_embedded_backup(*store_, *directory_, backup_).error().code,
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(storage::restore_embedded_backup(backup_, backup_, system_random()).error().code,
            ErrorCode::kAlreadyExists);
}

TEST_F(EmbeddedBackup, Is_for_its_owner_only) {
  back_up();
  ASSERT_TRUE(restore().ok());
  for (const std::string& root : {backup_, data_}) {
    EXPECT_EQ(fs::status(root).permissions(), fs::perms::owner_all) << root;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const auto wanted = static_cast<fs::perms>(entry.is_directory() ? 0700 : 0600);
      EXPECT_EQ(entry.status().permissions(), wanted) << entry.path();
    }
  }
}

TEST_F(EmbeddedBackup, Restore_of_what_is_no_backup_says_what_one_is) {
  expect_refused(ErrorCode::kInvalidArgument, "longwire backup");
  fs::create_directory(backup_);
  std::ofstream(backup_ + "/hosts") << "any file";
  expect_refused(ErrorCode::kInvalidArgument, "longwire backup");
}

TEST_F(EmbeddedBackup, Restore_of_a_backup_that_lacks_a_part_names_it) {
  for (const char* part : {"/directory.sqlite", "/partitions", "/complete"}) {
    fs::remove_all(backup_);
    back_up();
    fs::remove_all(backup_ + part);
    expect_refused(ErrorCode::kInvalidArgument, part);
  }
}

TEST_F(EmbeddedBackup, Restore_of_a_damaged_directory_is_refused) {
  back_up();
  std::ofstream(storage::embedded_directory_path(backup_)) << std::string(8192, '?');
  expect_refused(ErrorCode::kCorrupt, "directory.sqlite");
}

TEST_F(EmbeddedBackup, Restore_of_damaged_partitions_is_refused) {
  back_up();
  std::ofstream(storage::embedded_store_path(backup_) + "/CURRENT") << "rubbish";
  expect_refused(ErrorCode::kCorrupt, "CURRENT");
}

TEST_F(EmbeddedBackup, Restore_removes_what_a_killed_one_left) {
  back_up();
  const std::string left = storage::unfinished_restore_path(data_);
  fs::create_directories(left + "/partitions");
  std::ofstream(left + "/partitions/CURRENT") << "half of it";
  const auto info = restore();
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_FALSE(fs::exists(left));
}

}  // namespace
}  // namespace longwire::test
