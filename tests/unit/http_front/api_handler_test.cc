#include "http_front/api/api_handler.h"

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

class ApiHandlerTest : public test::ApiTest {};

TEST_F(ApiHandlerTest, Wrong_secrets_are_21301) {
  for (const char* header : {"", "key=", "key=wrong", "Bearer x"}) {
    const Json answer =
        call({.target = "/v2/message/regid", .body = kSend, .authorization = header, .header = {}});
    EXPECT_EQ(answer["code"], 21301) << header;
    EXPECT_EQ(response_->status, 200);
  }
  EXPECT_TRUE(service_->sent.empty());
}

TEST_F(ApiHandlerTest, Address_that_tries_secrets_is_slowed_and_known_secrets_still_work) {
  post("/v2/message/regid", kSend);
  Call bad{.target = "/v2/message/regid", .body = kSend, .authorization = "key=x", .header = {}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call(bad)["code"], 21301);
  EXPECT_EQ(call(bad)["code"], 10022);
  EXPECT_TRUE(response_->retry_after.has_value());
  EXPECT_EQ(service_->secrets_asked, 4U);
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 0);
}

TEST_F(ApiHandlerTest, Secret_in_use_is_looked_up_again_where_its_address_is_slowed) {
  post("/v2/message/regid", kSend);
  Call bad{.target = "/v2/message/regid", .body = kSend, .authorization = "key=x", .header = {}};
  for (int i = 0; i < 4; ++i) call(bad);
  clock_.advance(seconds(10));  // no longer in the cache, and the address is slowed on
  ASSERT_EQ(call(bad)["code"], 10022);
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 0);
}

TEST_F(ApiHandlerTest, Secret_that_is_an_app_s_no_more_counts_as_any_other) {
  post("/v2/message/regid", kSend);
  service_->on_secret = [](const std::string&) -> Result<middle::App> {
    return Error{ErrorCode::kUnauthenticated, "nobody's"};
  };
  Call bad{.target = "/v2/message/regid", .body = kSend, .authorization = "key=x", .header = {}};
  for (int i = 0; i < 4; ++i) call(bad);
  clock_.advance(seconds(10));
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 21301);
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 10022);
}

TEST_F(ApiHandlerTest, Trouble_with_looking_up_a_secret_is_not_a_wrong_secret) {
  service_->on_secret = [](const std::string&) -> Result<middle::App> {
    return Error{ErrorCode::kUnavailable, "starting", seconds(1)};
  };
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 10002);
}

TEST_F(ApiHandlerTest, Unknown_path_and_wrong_method_have_their_codes) {
  EXPECT_EQ(post("/v2/message/nobody", "")["code"], 10020);
  EXPECT_EQ(post("/", "")["code"], 10020);
  EXPECT_EQ(
      call({.method = Method::kGet, .target = "/v2/message/all", .body = "", .header = {}})["code"],
      10021);
  EXPECT_EQ(response_->status, 200);
}

TEST_F(ApiHandlerTest, Body_that_is_said_to_be_encoded_is_refused) {
  const auto coded = [this](const std::string& target, const std::string& encoding) {
    return call({.target = target, .body = kSend, .header = {"content-encoding", encoding}});
  };
  EXPECT_EQ(coded("/v2/message/regid", "gzip")["code"], 10007);
  EXPECT_EQ(coded("/v2/message/regid", "Identity")["code"], 0);
  coded("/v1/devices", "gzip");
  EXPECT_EQ(response_->status, 415);
}

TEST_F(ApiHandlerTest, Own_paths_refuse_other_methods_and_long_bodies) {
  call({.method = Method::kGet, .target = "/v1/devices", .body = "", .header = {}});
  EXPECT_EQ(response_->status, 405);
  EXPECT_EQ(response_->extra.value, "POST");
  create(std::string(5000, ' '));
  EXPECT_EQ(response_->status, 413);
}

TEST_F(ApiHandlerTest, Requests_are_counted_by_route_and_code) {
  post("/v2/message/regid", kSend);
  post("/nowhere", "");
  const std::string page = metrics_.render();
  EXPECT_NE(page.find("longwire_http_requests_total{route=\"/v2/message/regid\",code=\"0\"} 1"),
            std::string::npos);
  EXPECT_NE(page.find("longwire_http_requests_total{route=\"none\",code=\"10020\"} 1"),
            std::string::npos);
}

TEST_F(ApiHandlerTest, Answer_of_the_middle_after_the_service_is_gone_harms_nobody) {
  Request request;
  request.method = Method::kPost;
  ASSERT_TRUE(set_target(request, "/v2/message/all"));
  request.headers.add("authorization", std::string("key=") + test::kSecret);
  request.body = "payload=p";
  api_->handle(std::move(request), [](Response) { ADD_FAILURE() << "answered"; });
  service_.reset();
  api_.reset();
  executor_.run_until_idle();
}

}  // namespace
}  // namespace longwire::http
