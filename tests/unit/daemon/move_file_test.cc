#include "daemon/transfer/move_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/unit/daemon/temporary_directory.h"

namespace longwire::daemon {
namespace {

namespace fs = std::filesystem;

class MoveFile : public testing::Test {
 protected:
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(temporary_.path()), fs::directory_iterator()));
  }

  TemporaryDirectory temporary_;
  const std::string path_ = (temporary_.path() / "moved").string();
};

TEST_F(MoveFile, Has_its_name_once_it_is_finished_and_is_for_its_owner_only) {
  const std::string large(1'000'000, 'x');
  {
    auto file = MoveFileWriter::open(path_);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->write("head").ok());
    ASSERT_TRUE((*file)->write(large).ok());
    EXPECT_FALSE(fs::exists(path_));
    ASSERT_TRUE((*file)->finish().ok());
  }
  EXPECT_EQ(text_of(path_), "head" + large);
  EXPECT_EQ(fs::status(path_).permissions(), static_cast<fs::perms>(0600));
  EXPECT_EQ(files(), 1u);
}

TEST_F(MoveFile, Leaves_nothing_where_it_was_not_finished) {
  {
    auto file = MoveFileWriter::open(path_);
    ASSERT_TRUE((*file)->write(std::string(1'000'000, 'x')).ok());
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(MoveFile, Takes_the_place_of_what_one_that_was_killed_left) {
  std::ofstream(path_ + ".new") << "half";
  fs::permissions(path_ + ".new", static_cast<fs::perms>(0644));
  {
    auto file = MoveFileWriter::open(path_);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->write("whole").ok());
    ASSERT_TRUE((*file)->finish().ok());
  }
  EXPECT_EQ(text_of(path_), "whole");
  EXPECT_EQ(fs::status(path_).permissions(), static_cast<fs::perms>(0600));
}

TEST_F(MoveFile, Overwrites_nothing) {
  std::ofstream(path_) << "mine";
  EXPECT_EQ(MoveFileWriter::open(path_).error().code, ErrorCode::kAlreadyExists);
  fs::remove(path_);
  auto file = MoveFileWriter::open(path_);
  std::ofstream(path_) << "made meanwhile";
  EXPECT_EQ((*file)->finish().error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(text_of(path_), "made meanwhile");
}

TEST_F(MoveFile, In_a_folder_that_is_not_there_is_an_error) {
  const auto file = MoveFileWriter::open((temporary_.path() / "none" / "file").string());
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
}

TEST_F(MoveFile, Is_read_twice_where_it_is_a_file) {
  std::ofstream(path_) << "text";
  auto file = MoveFileReader::open(path_);
  ASSERT_TRUE(file.ok());
  std::string bytes(10, ' ');
  EXPECT_EQ((*file)->read(bytes).value(), 4u);
  EXPECT_EQ((*file)->read(bytes).value(), 0u);
  EXPECT_TRUE((*file)->rewind());
  EXPECT_EQ((*file)->read(bytes).value(), 4u);
  EXPECT_EQ(MoveFileReader::open(path_ + "none").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace longwire::daemon
