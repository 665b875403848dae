// The embedded directory's own: schema, bounds, snapshot.

#include "storage/embedded/embedded_directory.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/embedded/sqlite.h"
#include "tests/unit/storage/embedded_fixture.h"

namespace longwire::test {
namespace {

class EmbeddedDirectoryTest : public testing::Test {
 protected:
  using Mode = storage::SqliteConnection::Mode;

  std::unique_ptr<storage::EmbeddedDirectory> open() {
    auto opened = storage::open_embedded_directory(options_);
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }
  static Result<std::uint64_t> add(middle::Directory& directory, std::uint64_t amount) {
    return wait_for<std::uint64_t>([&](auto done) {
      directory.add_to_counter(middle::AppId("app"), "day", "sent", amount, std::move(done));
    });
  }

  TemporaryDirectory where_;
  storage::EmbeddedDirectoryOptions options_{.path = where_.path() + "/directory.sqlite"};
};

TEST_F(EmbeddedDirectoryTest, Newer_schema_is_refused) {
  open();
  {
    auto connection = storage::SqliteConnection::open(options_.path, Mode::kReadWrite);
    ASSERT_TRUE((*connection)->execute("PRAGMA user_version = 99").ok());
  }
  const auto opened = storage::open_embedded_directory(options_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
}

TEST_F(EmbeddedDirectoryTest, Made_before_and_missing_or_without_tables_is_lost) {
  options_.create = false;
  for (const bool there : {false, true}) {
    if (there) std::ofstream file(options_.path);
    const auto opened = storage::open_embedded_directory(options_);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(opened.error().message.find("restore from a backup"), std::string::npos);
    EXPECT_EQ(std::filesystem::exists(options_.path), there);
  }
  {
    auto other = storage::SqliteConnection::open(options_.path, Mode::kReadWrite);
    ASSERT_TRUE((*other)->execute("CREATE TABLE t (x)").ok());
  }
  EXPECT_EQ(storage::open_embedded_directory(options_).error().code, ErrorCode::kCorrupt);
}

TEST_F(EmbeddedDirectoryTest, Check_finds_damage_in_any_page_behind_the_schema) {
  ASSERT_TRUE(open()->check().ok());
  std::ifstream file(options_.path);
  const Bytes sound((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  constexpr std::size_t kPage = 4096;
  ASSERT_GE(sound.size(), 8 * kPage);
  for (std::size_t page = 2; page < 8; ++page) {
    Bytes damaged = sound;
    for (std::size_t i = page * kPage; i < (page + 1) * kPage; ++i) damaged[i] ^= '\x5a';
    std::ofstream(options_.path) << damaged;
    const Status checked = open()->check();
    ASSERT_FALSE(checked.ok()) << page;
    EXPECT_EQ(checked.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(checked.error().message.find(options_.path), std::string::npos);
  }
}

TEST_F(EmbeddedDirectoryTest, Made_before_opens_again_without_being_made) {
  open();
  options_.create = false;
  EXPECT_TRUE(storage::open_embedded_directory(options_).ok());
}

TEST_F(EmbeddedDirectoryTest, File_of_another_kind_is_refused) {
  {
    auto made = storage::SqliteConnection::open(options_.path, Mode::kReadWrite);
    ASSERT_TRUE((*made)->execute("CREATE TABLE t (x)").ok());
  }
  std::filesystem::resize_file(options_.path, 100);
  EXPECT_FALSE(storage::open_embedded_directory(options_).ok());
}

TEST_F(EmbeddedDirectoryTest, Busy_file_answers_unavailable_and_changes_nothing) {
  const auto directory = open();
  ASSERT_EQ(add(*directory, 1).value(), 1u);
  auto other = storage::SqliteConnection::open(options_.path, Mode::kReadWrite);
  ASSERT_TRUE((*other)->execute("BEGIN IMMEDIATE").ok());
  const auto refused = add(*directory, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_GT(refused.error().retry_after.count(), 0);
  ASSERT_TRUE((*other)->execute("ROLLBACK").ok());
  EXPECT_EQ(add(*directory, 1).value(), 2u);
}

TEST_F(EmbeddedDirectoryTest, Full_disk_answers_unavailable_and_changes_nothing) {
  auto connection = storage::SqliteConnection::open(options_.path, Mode::kReadWrite);
  ASSERT_TRUE((*connection)->execute("PRAGMA max_page_count = 3; CREATE TABLE t (x)").ok());
  const auto status = (*connection)->execute("INSERT INTO t VALUES (zeroblob(100000))");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  auto count = (*connection)->query("SELECT COUNT(*) FROM t");
  ASSERT_TRUE(count.next());
  EXPECT_EQ(count.number(0), 0u);
}

TEST_F(EmbeddedDirectoryTest, Writes_above_the_queue_are_refused) {
  options_.writes_queued_max = 0;
  const auto directory = open();
  EXPECT_EQ(add(*directory, 1).error().code, ErrorCode::kUnavailable);
}

TEST_F(EmbeddedDirectoryTest, Snapshot_does_not_see_what_came_after_it) {
  const std::string copy = where_.path() + "/copy.sqlite";
  const auto directory = open();
  ASSERT_EQ(add(*directory, 1).value(), 1u);
  auto snapshot = directory->snapshot();
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(add(*directory, 1).value(), 2u);
  ASSERT_TRUE((*snapshot)->copy_to(copy).ok());
  options_.path = copy;
  EXPECT_EQ(add(*open(), 0).value(), 1u);
}

}  // namespace
}  // namespace longwire::test
