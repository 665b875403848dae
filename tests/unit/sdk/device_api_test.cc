#include "sdk/cpp/device_api.h"

#include <gtest/gtest.h>

namespace longwire::sdk {
namespace {

TEST(DeviceApi, reads_the_account) {
  auto account = read_account(200, R"({"device":"d1","password":"p","domain":"example.org"})");
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->device, "d1");
  EXPECT_EQ(account->password, "p");
  EXPECT_EQ(account->domain, "example.org");
}

TEST(DeviceApi, tells_refusals_apart) {
  auto code = [](long status) { return read_account(status, "").error().code; };
  EXPECT_EQ(code(401), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code(403), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code(429), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code(503), ErrorCode::kUnavailable);
  EXPECT_EQ(code(400), ErrorCode::kInvalidArgument);
}

TEST(DeviceApi, an_answer_that_is_no_account_is_corrupt) {
  for (const char* body : {"", "[]", "{", R"({"device":1})", R"({"device":"d","password":"p"})"})
    EXPECT_EQ(read_account(200, body).error().code, ErrorCode::kCorrupt) << body;
}

TEST(DeviceApi, speaks_https_only) {
  Options options;
  options.api = "http://127.0.0.1:1";
  EXPECT_EQ(create_account(options).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace longwire::sdk
