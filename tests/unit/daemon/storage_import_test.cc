// Into an embedded storage: what marks it, and what becomes of it where the import does not end.

#include "daemon/transfer/storage_import.h"

#include <algorithm>
#include <fstream>

#include "daemon/serve/data_directory.h"
#include "tests/unit/daemon/temporary_directory.h"
#include "tests/unit/daemon/transfer_world.h"

namespace longwire::daemon {
namespace {

namespace fs = std::filesystem;

// A pipe that is cut after `size` bytes.
class CutPipe final : public MoveFileReader {
 public:
  CutPipe(Bytes text, std::size_t size) : text_(std::move(text)), left_(text_) {
    left_ = left_.substr(0, size);
  }
  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t size = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), size, out.begin());
    left_.remove_prefix(size);
    return size;
  }
  bool rewind() override { return false; }

 private:
  const Bytes text_;
  BytesView left_;
};

class StorageImport : public TransferTest {
 protected:
  void SetUp() override {
    fill(from_);
    exported_ = export_storage(from_, environment(), file_, ignore).value();
  }
  Result<Imported> import(MoveFileReader& file, bool new_incarnation = false) {
    return import_storage({config_, paths_, new_incarnation}, environment(), file, ignore);
  }
  Result<Imported> import_file(const Bytes& text, bool new_incarnation = false) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
    return import(**MoveFileReader::open(path_), new_incarnation);
  }
  // What every other command and the server say of the storage.
  void expect_not_served() {
    const auto served = open_back_ends(config_, paths_, environment());
    ASSERT_FALSE(served.ok());
    EXPECT_EQ(served.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(served.error().message.find("an import has not ended"), std::string::npos);
    EXPECT_EQ(open_existing_storage(config_, paths_, environment()).error().code,
              ErrorCode::kCorrupt);
  }

  TemporaryDirectory temporary_;
  const std::string path_ = (temporary_.path() / "file").string();
  const DataPaths paths_{temporary_.path() / "data"};
  StorageConfig config_;
  MemoryEnds from_{thread_.loop(), 2};
  TextFile file_;
  MoveSummary exported_;
};

TEST_F(StorageImport, Makes_the_storage_with_the_files_partitions_and_incarnation) {
  const auto imported = import_file(file_.text);
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(imported->summary, exported_);
  const auto opened = open_existing_storage(config_, paths_, environment());
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ((*opened)->partitions().info().partitions, 2);
  EXPECT_EQ((*opened)->partitions().info().incarnation, from_.partitions().info().incarnation);
  EXPECT_EQ(rows(**opened, 0).size(), 2u);
}

TEST_F(StorageImport, Gives_a_new_incarnation_where_it_is_asked_to) {
  const auto imported = import_file(file_.text, true);
  ASSERT_TRUE(imported.ok());
  EXPECT_NE(imported->info.incarnation, from_.partitions().info().incarnation);
  const auto opened = open_existing_storage(config_, paths_, environment());
  EXPECT_EQ((*opened)->partitions().info().incarnation, imported->info.incarnation);
}

TEST_F(StorageImport, Fills_one_that_was_made_and_holds_nothing) {
  config_.partitions = 2;
  ASSERT_TRUE(init_storage(config_, paths_, environment()).ok());
  EXPECT_TRUE(import_file(file_.text).ok());
}

TEST_F(StorageImport, Refuses_one_of_other_partitions_and_says_how_to_make_it) {
  config_.partitions = 4;
  ASSERT_TRUE(init_storage(config_, paths_, environment()).ok());
  const auto imported = import_file(file_.text);
  EXPECT_EQ(imported.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(imported.error().message.find("--set storage.partitions=2"), std::string::npos);
  EXPECT_TRUE(open_existing_storage(config_, paths_, environment()).ok());
}

TEST_F(StorageImport, Refuses_one_that_holds_something_and_leaves_it_as_it_was) {
  ASSERT_TRUE(import_file(file_.text).ok());
  EXPECT_EQ(import_file(file_.text).error().code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(open_existing_storage(config_, paths_, environment()).ok());
}

TEST_F(StorageImport, Damaged_file_changes_nothing) {
  Bytes damaged = file_.text;
  damaged[damaged.size() - 3] ^= 1;
  EXPECT_EQ(import_file(damaged).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(import_file(file_.text.substr(0, 300)).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(import_file("what is something else").error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(paths_.storage()));
}

TEST_F(StorageImport, Pipe_that_is_cut_anywhere_leaves_what_nobody_serves_and_a_repeat_fills) {
  for (const std::size_t left : {1u, 100u, 250u}) {
    fs::remove_all(paths_.storage());
    CutPipe cut(file_.text, file_.text.size() - left);
    EXPECT_EQ(import(cut).error().code, ErrorCode::kCorrupt);
    expect_not_served();
    CutPipe whole(file_.text, file_.text.size());
    const auto again = import(whole);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_TRUE(open_back_ends(config_, paths_, environment()).ok());
  }
}

TEST_F(StorageImport, Into_memory_is_refused) {
  config_.feeds = config_.directory = "memory";
  EXPECT_EQ(import_file(file_.text).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace longwire::daemon
