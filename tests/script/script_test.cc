#include "tests/script/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace longwire::test {
namespace {

std::vector<std::string> script_files() {
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator("tests/script"))
    if (file.path().extension() == ".xs") files.push_back(file.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

class Script : public testing::TestWithParam<std::string> {};

TEST_P(Script, goes_as_written) { EXPECT_EQ(play(GetParam()), ""); }

INSTANTIATE_TEST_SUITE_P(Conversation, Script, testing::ValuesIn(script_files()),
                         [](const auto& file) {
                           return std::filesystem::path(file.param).stem().string();
                         });

}  // namespace
}  // namespace longwire::test
