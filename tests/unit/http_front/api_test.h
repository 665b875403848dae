#pragma once

// The whole API without a server: requests in, JSON out.

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "http_front/api/api_handler.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/http_front/fake_service.h"

namespace longwire::http::test {

using Json = nlohmann::json;

inline const std::string kSend = "registration_id=r1,r2&title=t&description=d";

// The API of one loop over canned answers. Loop-bound.
class ApiTest : public testing::Test {
 protected:
  struct Call {
    Method method = Method::kPost;
    std::string target;
    std::string body;
    std::string authorization = std::string("key=") + kSecret;
    std::pair<std::string, std::string> header;
  };

  Json call(const Call& call) {
    Request request;
    request.method = call.method;
    EXPECT_TRUE(set_target(request, call.target));
    if (!call.authorization.empty()) request.headers.add("authorization", call.authorization);
    if (!call.header.first.empty()) request.headers.add(call.header.first, call.header.second);
    request.body = call.body;
    request.peer_ip = "10.0.0.1";
    response_.reset();
    api_->handle(std::move(request),
                 [this](Response response) { response_ = std::move(response); });
    executor_.run_until_idle();
    if (!response_) return "no answer";
    return Json::parse(response_->body);
  }
  Json post(const std::string& target, const std::string& body) {
    return call({.method = Method::kPost, .target = target, .body = body, .header = {}});
  }
  Json create(const std::string& body) {
    return call({.target = "/v1/devices", .body = body, .authorization = "", .header = {}});
  }
  Json trace(const std::string& id) {
    return call({.method = Method::kGet, .target = "/v1/messages/" + id, .body = "", .header = {}});
  }
  void fail_sends(Error error) {
    service_->on_send = [error](const middle::SendRequest&) -> Result<middle::SendReply> {
      return error;
    };
  }

  longwire::test::ManualClock clock_;
  longwire::test::ManualExecutor executor_{clock_};
  Metrics metrics_;
  Environment environment_{executor_, clock_, system_random(), null_log(), metrics_};
  AddressLimiter devices_{{.per_minute = 2, .addresses_max = 10}};
  AddressLimiter bad_secrets_{{.per_minute = 3, .addresses_max = 10}};
  RecentSecrets recent_secrets_{10};
  std::unique_ptr<FakeService> service_ = std::make_unique<FakeService>(executor_);
  std::unique_ptr<ApiHandler> api_ =
      std::make_unique<ApiHandler>(ApiParts{.service = *service_,
                                            .device_limiter = devices_,
                                            .secret_limiter = bad_secrets_,
                                            .recent_secrets = recent_secrets_,
                                            .domain = "example.org",
                                            .secret_cache = {}},
                                   environment_);
  std::optional<Response> response_;
};

}  // namespace longwire::http::test
