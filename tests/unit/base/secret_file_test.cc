#include "base/secret_file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace longwire {
namespace {

TEST(SecretFile, line_ends_behind_the_secret_are_not_of_it) {
  const std::string path = testing::TempDir() + "secret_file_test";
  for (const char* end : {"", "\n", "\r\n", "\n\n"}) {
    std::ofstream(path) << "a word " << end;
    EXPECT_EQ(read_secret_file("x.password_file", path)->reveal(), "a word ");
  }
  ASSERT_EQ(std::remove(path.c_str()), 0);
}

TEST(SecretFile, one_that_is_not_there_is_named_with_its_key) {
  const auto missing = read_secret_file("x.password_file", testing::TempDir() + "no such file");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(missing.error().message.find("x.password_file"), std::string::npos);
  EXPECT_NE(missing.error().message.find("no such file"), std::string::npos);
}

}  // namespace
}  // namespace longwire
