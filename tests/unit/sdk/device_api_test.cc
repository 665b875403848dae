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

TEST(DeviceApi, tells_the_servers_own_reason) {
  const Error error =
      read_account(401, R"({"error":"unauthenticated","message":"no such app"})").error();
  EXPECT_EQ(error.message, "the API answered 401: unauthenticated: no such app");
}

TEST(DeviceApi, speaks_https_only) {
  for (const char* api : {"", "h:8443", "http://127.0.0.1:1", "https://", "https:///v1", "ftp://h"})
    EXPECT_EQ(check_api(api).error().code, ErrorCode::kInvalidArgument) << api;
  for (const char* api : {"https://h", "HTTPS://h:8443", "https://[::1]:8443/"})
    EXPECT_TRUE(check_api(api).ok()) << api;
}

TEST(DeviceApi, an_address_that_cannot_be_is_not_tried_again) {
  for (const char* api : {"http://127.0.0.1:1", "https://h:port"}) {
    Options options;
    options.api = api;
    EXPECT_EQ(create_account(options).error().code, ErrorCode::kInvalidArgument) << api;
  }
}

TEST(DeviceApi, a_slash_at_the_end_of_the_address_is_no_part_of_it) {
  Options options;
  options.api = "https://127.0.0.1:1//";
  const Error error = create_account(options).error();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_NE(error.message.find("https://127.0.0.1:1/v1/devices:"), std::string::npos)
      << error.message;
}

}  // namespace
}  // namespace longwire::sdk
