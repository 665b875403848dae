// The MySQL back end's part of the configuration.

#include <gtest/gtest.h>

#include <fstream>

#include "storage/mysql/options.h"

namespace longwire::test {
namespace {

using storage::mysql::current_password;
using storage::mysql::Options;

class MySqlOptions : public testing::Test {
 protected:
  MySqlOptions() { declare_config(schema_, options_); }

  Options options_;
  ConfigSchema schema_;
};

TEST_F(MySqlOptions, Password_is_printed_nowhere) {
  ASSERT_TRUE(schema_.apply_assignment("mysql.password=hunter2").ok());
  EXPECT_EQ(current_password(options_).value().reveal(), "hunter2");
  EXPECT_EQ(schema_.print_toml().find("hunter2"), std::string::npos);
}

TEST_F(MySqlOptions, Password_file_goes_before_and_is_read_each_time) {
  const std::string path = testing::TempDir() + "mysql_options_test_password";
  options_.password = Secret("other");
  options_.password_file = path;
  for (const char* word : {"first", "second"}) {
    std::ofstream(path) << word << "\n";
    EXPECT_EQ(current_password(options_).value().reveal(), word);
  }
  ASSERT_EQ(std::remove(path.c_str()), 0);
  const auto missing = current_password(options_);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(missing.error().message.find(path), std::string::npos);
}

TEST_F(MySqlOptions, Address_needs_a_host_and_a_port) {
  for (const char* bad : {"", "host", "host:", ":3306", "host:port"}) {
    EXPECT_FALSE(schema_.apply_assignment(std::string("mysql.address=") + bad).ok()) << bad;
  }
  EXPECT_TRUE(schema_.apply_assignment("mysql.address=db.example.org:3307").ok());
  EXPECT_EQ(options_.address, "db.example.org:3307");
}

TEST_F(MySqlOptions, Tls_is_one_of_three) {
  EXPECT_TRUE(schema_.apply_assignment("mysql.tls=verified").ok());
  EXPECT_FALSE(schema_.apply_assignment("mysql.tls=maybe").ok());
}

}  // namespace
}  // namespace longwire::test
