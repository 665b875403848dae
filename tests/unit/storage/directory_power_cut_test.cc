// What a power cut leaves of the embedded directory.
//
// This program puts its own fsync and fdatasync before the machine's (SQLite's calls come here):
// they remember what the file held. A power cut is a copy of what was remembered.

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "base/guarded.h"
#include "storage/embedded/embedded_directory.h"
#include "tests/unit/storage/embedded_fixture.h"

namespace longwire::test {
namespace {

// Files by path, as they were when they were synced last. Global, since fsync is.
Guarded<std::map<std::string, std::string>>& synced_files() {
  static Guarded<std::map<std::string, std::string>> files;
  return files;
}

void remember(int descriptor) {
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor));
  if (!std::filesystem::is_regular_file(path)) return;
  // Through the descriptor: closing another one of this file would drop SQLite's locks.
  std::string content(std::filesystem::file_size(path), '\0');
  const ssize_t size = pread(descriptor, content.data(), content.size(), 0);
  content.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  (*synced_files().lock())[path.string()] = std::move(content);
}

class DirectoryPowerCut : public testing::Test {
 protected:
  // Copies what a power cut would leave of the open directory, and opens the copy.
  std::unique_ptr<storage::EmbeddedDirectory> open_after_power_cut() {
    const std::string copy = where_.path() + "/cut" + std::to_string(++cuts_);
    std::filesystem::create_directory(copy);
    for (const auto& [path, content] : *synced_files().lock()) {
      const std::filesystem::path from(path);
      if (from.parent_path() != where_.path()) continue;
      if (!std::filesystem::exists(from)) continue;  // a journal whose work is done
      std::ofstream(std::filesystem::path(copy) / from.filename(), std::ios::binary) << content;
    }
    return open(copy + "/directory.sqlite", true);
  }
  static std::unique_ptr<storage::EmbeddedDirectory> open(const std::string& path, bool sync) {
    auto opened = storage::open_embedded_directory({.path = path, .sync = sync});
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  static std::uint64_t add(middle::Directory& directory, std::uint64_t amount) {
    return wait_for<std::uint64_t>([&](auto done) {
             directory.add_to_counter(middle::AppId("app"), "day", "sent", amount, std::move(done));
           })
        .value();
  }
  // Of 30 acknowledged additions, those after which a power cut had lost something.
  int count_losses(bool sync) {
    const auto directory = open(where_.path() + "/directory.sqlite", sync);
    int losses = 0;
    for (std::uint64_t total = 1; total <= 30; ++total) {
      EXPECT_EQ(add(*directory, 1), total);
      const auto left = open_after_power_cut();
      if (!left || add(*left, 0) != total) ++losses;
    }
    return losses;
  }

  TemporaryDirectory where_;
  int cuts_ = 0;
};

TEST_F(DirectoryPowerCut, Takes_no_acknowledged_write) { EXPECT_EQ(count_losses(true), 0); }

// Shows that the test above can fail.
TEST_F(DirectoryPowerCut, Takes_acknowledged_writes_where_syncing_is_off) {
  EXPECT_EQ(count_losses(false), 30);
}

}  // namespace
}  // namespace longwire::test

extern "C" int fsync(int descriptor) {
  longwire::test::remember(descriptor);
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

extern "C" int fdatasync(int descriptor) {
  longwire::test::remember(descriptor);
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}
