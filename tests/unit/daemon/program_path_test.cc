#include "daemon/workers/program_path.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/daemon/temporary_directory.h"

namespace longwire::daemon {
namespace {

namespace fs = std::filesystem;

class ProgramPath : public ::testing::Test {
 protected:
  ProgramPath() {
    make_file("v1");
    fs::permissions(folder_.path() / "v1", fs::perms::owner_all);
    fs::create_symlink("v1", folder_.path() / "current");
    make_file("notes");
  }
  void make_file(const std::string& name) const { const std::ofstream file(folder_.path() / name); }
  TemporaryDirectory folder_;
};

TEST_F(ProgramPath, a_link_stays_a_link_so_that_what_it_leads_to_may_change) {
  const std::string link = (folder_.path() / "current").string();
  EXPECT_EQ(program_path(link, ""), link);
}

TEST_F(ProgramPath, a_relative_path_is_made_absolute) {
  const auto relative = fs::relative(folder_.path() / "v1");
  EXPECT_TRUE(fs::path(program_path(relative.string(), "")).is_absolute());
}

TEST_F(ProgramPath, a_bare_name_is_searched_for) {
  const std::string path = "/nowhere::" + folder_.path().string();
  EXPECT_EQ(program_path("v1", path), (folder_.path() / "v1").string());
  EXPECT_EQ(program_path("v2", path), "");
  EXPECT_EQ(program_path("", path), "");
}

TEST_F(ProgramPath, what_cannot_be_run_is_none) {
  EXPECT_EQ(program_path((folder_.path() / "notes").string(), ""), "");
  EXPECT_EQ(program_path(folder_.path().string(), ""), "");
}

}  // namespace
}  // namespace longwire::daemon
