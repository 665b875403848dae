#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/http_front/api_test.h"

namespace longwire::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSend;
using Json = nlohmann::json;

class DevicesTest : public test::ApiTest {};

TEST_F(DevicesTest, Device_gets_an_account) {
  const Json answer = create(R"({"appId":"2882303761517000001","appKey":"5001700000001"})");
  EXPECT_EQ(response_->status, 201);
  EXPECT_EQ(answer,
            (Json{{"device", "d0001abc"}, {"password", "pass\"word"}, {"domain", "example.org"}}));
}

TEST_F(DevicesTest, Device_requests_that_are_wrong_have_proper_statuses) {
  create("{}");
  EXPECT_EQ(response_->status, 400);
  EXPECT_EQ(create(R"({"appId":"x","appKey":"y"})")["error"], "unauthenticated");
  EXPECT_EQ(response_->status, 401);
}

TEST_F(DevicesTest, Device_accounts_are_limited_per_address) {
  create("{}");
  create("{}");
  EXPECT_EQ(create("{}")["error"], "resource_exhausted");
  EXPECT_EQ(response_->status, 429);
  EXPECT_EQ(response_->retry_after, seconds(30));
}

}  // namespace
}  // namespace longwire::http
