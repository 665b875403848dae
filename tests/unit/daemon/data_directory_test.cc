#include "daemon/serve/data_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/daemon/temporary_directory.h"

namespace longwire::daemon {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

TEST(DataLock, makes_the_directory_for_its_owner_only) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path() / "new");
  const auto lock = DataLock::take(paths);
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(mode_of(paths.root()), 0700U);
}

TEST(DataLock, leaves_a_directory_that_was_there_as_it_is) {
  TemporaryDirectory temporary;
  ASSERT_EQ(::chmod(temporary.path().c_str(), 0755), 0);
  ASSERT_TRUE(DataLock::take(DataPaths(temporary.path())).ok());
  EXPECT_EQ(mode_of(temporary.path()), 0755U);
}

TEST(DataLock, is_refused_while_another_holds_it) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  const auto first = DataLock::take(paths);
  ASSERT_TRUE(first.ok());
  const auto second = DataLock::take(paths);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
}

TEST(DataLock, is_free_again_once_dropped) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  { ASSERT_TRUE(DataLock::take(paths).ok()); }
  EXPECT_TRUE(DataLock::take(paths).ok());
}

TEST(WriteFile, replaces_a_file_and_sets_its_mode) {
  TemporaryDirectory temporary;
  const auto path = temporary.path() / "folder" / "file";
  ASSERT_TRUE(write_file(path, "first, longer", 0600).ok());
  ASSERT_TRUE(write_file(path, "second", 0600).ok());
  EXPECT_EQ(*read_file(path), "second");
  EXPECT_EQ(mode_of(path), 0600U);
}

TEST(ReadFile, refuses_a_directory) {
  TemporaryDirectory temporary;
  const auto text = read_file(temporary.path());
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(text.error().message.find("is a directory"), std::string::npos);
}

TEST(ReadFile, refuses_devices_and_pipes_without_waiting) {
  TemporaryDirectory temporary;
  const auto pipe = temporary.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::filesystem::path& path : {pipe, std::filesystem::path("/dev/zero")}) {
    const auto text = read_file(path);
    ASSERT_FALSE(text.ok());
    EXPECT_NE(text.error().message.find("not a regular file"), std::string::npos);
  }
}

TEST(ReadFile, refuses_what_is_too_long) {
  TemporaryDirectory temporary;
  const auto path = temporary.path() / "file";
  ASSERT_TRUE(write_file(path, std::string(kReadFileBytesMax, 'x'), 0600).ok());
  EXPECT_EQ(read_file(path)->size(), kReadFileBytesMax);
  ASSERT_TRUE(write_file(path, std::string(kReadFileBytesMax + 1, 'x'), 0600).ok());
  EXPECT_EQ(read_file(path).error().code, ErrorCode::kInvalidArgument);
}

TEST(ReadFile, names_a_file_that_is_not_there) {
  const auto text = read_file("/no/such/file");
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::kNotFound);
  EXPECT_NE(text.error().message.find("/no/such/file"), std::string::npos);
}

}  // namespace
}  // namespace longwire::daemon
