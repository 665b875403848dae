#include "http_front/api/api_handler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/manual_executor.h"
#include "tests/unit/http_front/fake_service.h"

namespace longwire::http {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kSend = "registration_id=r1,r2&title=t&description=d";

class ApiHandlerTest : public testing::Test {
 protected:
  struct Call {
    Method method = Method::kPost;
    std::string target;
    std::string body;
    std::string authorization = std::string("key=") + test::kSecret;
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
  std::unique_ptr<test::FakeService> service_ = std::make_unique<test::FakeService>(executor_);
  std::unique_ptr<ApiHandler> api_ =
      std::make_unique<ApiHandler>(ApiParts{.service = *service_,
                                            .device_limiter = devices_,
                                            .secret_limiter = bad_secrets_,
                                            .domain = "example.org",
                                            .secret_cache = {}},
                                   environment_);
  std::optional<Response> response_;
};

TEST_F(ApiHandlerTest, Accepted_send_is_told_with_code_zero_and_an_id) {
  const Json answer = post("/v3/message/regid", kSend);
  EXPECT_EQ(response_->status, 200);
  EXPECT_EQ(answer["result"], "ok");
  EXPECT_EQ(answer["code"], 0);
  EXPECT_TRUE(answer["code"].is_number_integer());
  EXPECT_EQ(answer["data"]["id"], "0102030405060708090a0b0c");
  EXPECT_EQ(answer["info"], "Received push messages for 2 REGID");
  EXPECT_TRUE(answer["trace_id"].is_string());
  EXPECT_TRUE(answer["description"].is_string());
  EXPECT_FALSE(answer["data"].contains("bad_regids"));
}

TEST_F(ApiHandlerTest, Nothing_is_answered_before_the_middle_has_answered) {
  Request request;
  request.method = Method::kPost;
  ASSERT_TRUE(set_target(request, "/v2/message/all"));
  request.headers.add("authorization", std::string("key=") + test::kSecret);
  request.body = "payload=p";
  api_->handle(std::move(request), [this](Response response) { response_ = std::move(response); });
  EXPECT_FALSE(response_.has_value());
  executor_.run_until_idle();
  EXPECT_TRUE(response_.has_value());
}

TEST_F(ApiHandlerTest, Each_path_has_its_kind_of_target) {
  using middle::TargetKind;
  const std::vector<std::pair<std::string, TargetKind>> paths{
      {"/v2/message/regid", TargetKind::kRegId},
      {"/v3/message/regid", TargetKind::kRegId},
      {"/v2/message/alias", TargetKind::kAlias},
      {"/v3/message/alias", TargetKind::kAlias},
      {"/v2/message/topic", TargetKind::kTopic},
      {"/v3/message/topic", TargetKind::kTopic},
      {"/v2/message/all", TargetKind::kAll},
      {"/v3/message/all", TargetKind::kAll},
      {"/v2/message/user_account", TargetKind::kUserAccount},
  };
  const std::string form = "registration_id=r&alias=a&topic=t&user_account=u&payload=p";
  for (const auto& [path, kind] : paths) {
    EXPECT_EQ(post(path, form)["code"], 0) << path;
    EXPECT_EQ(service_->sent.back().target, kind) << path;
  }
}

TEST_F(ApiHandlerTest, Parameters_may_stand_in_the_query) {
  EXPECT_EQ(post("/v2/message/regid?" + kSend, "")["code"], 0);
  EXPECT_EQ(service_->sent.back().names.size(), 2U);
}

TEST_F(ApiHandlerTest, Unknown_targets_are_listed) {
  service_->on_send = [](const middle::SendRequest&) -> Result<middle::SendReply> {
    middle::SendReply reply = test::example_reply();
    reply.unknown = {"r2"};
    return reply;
  };
  const Json answer = post("/v2/message/regid", kSend);
  EXPECT_EQ(answer["code"], 0);
  EXPECT_EQ(answer["data"]["bad_regids"], "r2");
  EXPECT_EQ(answer["info"], "Received push messages for 1 REGID");
}

TEST_F(ApiHandlerTest, Nobody_known_is_20301) {
  service_->on_send = [](const middle::SendRequest& request) -> Result<middle::SendReply> {
    middle::SendReply reply = test::example_reply();
    reply.unknown = request.names;
    return reply;
  };
  const Json answer = post("/v2/message/regid", kSend);
  EXPECT_EQ(answer["result"], "error");
  EXPECT_EQ(answer["code"], 20301);
  EXPECT_EQ(answer["reason"], "No valid targets!");
  fail_sends({ErrorCode::kNotFound, "none of them"});
  EXPECT_EQ(post("/v2/message/alias", "alias=a&payload=p")["reason"], "No valid targets!");
}

TEST_F(ApiHandlerTest, Errors_of_the_middle_come_with_status_200_and_a_time_to_retry) {
  fail_sends({ErrorCode::kUnavailable, "taken over", milliseconds(1200)});
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 10002);
  EXPECT_EQ(response_->status, 200);
  EXPECT_EQ(response_->retry_after, seconds(2));
  fail_sends({ErrorCode::kResourceExhausted, "too fast", milliseconds(300)});
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 200002);
  EXPECT_EQ(response_->retry_after, seconds(1));
  fail_sends({ErrorCode::kResourceExhausted, "used up", std::chrono::hours(3)});
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 200001);
}

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

TEST_F(ApiHandlerTest, Foreign_bodies_are_10007) {
  const Json answer = call({.target = "/v2/message/regid",
                            .body = "{}",
                            .header = {"content-type", "application/json"}});
  EXPECT_EQ(answer["code"], 10007);
}

TEST_F(ApiHandlerTest, Idempotency_key_of_the_header_is_handed_on) {
  call({.target = "/v2/message/regid", .body = kSend, .header = {"idempotency-key", "k1"}});
  EXPECT_EQ(service_->sent.back().idempotency_key, "k1");
}

TEST_F(ApiHandlerTest, Identical_sends_without_a_key_are_two_sends) {
  post("/v2/message/regid", kSend);
  post("/v2/message/regid", kSend);
  EXPECT_EQ(service_->sent.size(), 2U);
}

TEST_F(ApiHandlerTest, Text_of_a_reason_is_quoted_safely) {
  fail_sends({ErrorCode::kInvalidArgument, "bad \"name\"\n\xff"});
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 10017);
}

TEST_F(ApiHandlerTest, Device_gets_an_account) {
  const Json answer = create(R"({"appId":"2882303761517000001","appKey":"5001700000001"})");
  EXPECT_EQ(response_->status, 201);
  EXPECT_EQ(answer,
            (Json{{"device", "d0001abc"}, {"password", "pass\"word"}, {"domain", "example.org"}}));
}

TEST_F(ApiHandlerTest, Device_requests_that_are_wrong_have_proper_statuses) {
  create("{}");
  EXPECT_EQ(response_->status, 400);
  EXPECT_EQ(create(R"({"appId":"x","appKey":"y"})")["error"], "unauthenticated");
  EXPECT_EQ(response_->status, 401);
}

TEST_F(ApiHandlerTest, Device_accounts_are_limited_per_address) {
  create("{}");
  create("{}");
  EXPECT_EQ(create("{}")["error"], "resource_exhausted");
  EXPECT_EQ(response_->status, 429);
  EXPECT_EQ(response_->retry_after, seconds(30));
}

TEST_F(ApiHandlerTest, Own_paths_refuse_other_methods_and_long_bodies) {
  call({.method = Method::kGet, .target = "/v1/devices", .body = "", .header = {}});
  EXPECT_EQ(response_->status, 405);
  EXPECT_EQ(response_->extra.value, "POST");
  create(std::string(5000, ' '));
  EXPECT_EQ(response_->status, 413);
}

TEST_F(ApiHandlerTest, Trace_shows_what_became_of_each_copy) {
  service_->on_trace = [](const middle::MessageId& id) -> Result<middle::TraceReply> {
    middle::TraceReply trace;
    trace.id = id;
    trace.app = middle::AppId(test::kAppId);
    trace.target = middle::TargetKind::kAlias;
    trace.names = {"al\"ice"};
    trace.accepted = {5};
    trace.expires = {9};
    trace.resolved = 1;
    middle::TraceCopy copy;
    copy.registration = middle::RegId("r1");
    copy.state = middle::CopyState::kDelivered;
    copy.feed = middle::FeedId("inbox:r1");
    copy.number = 3;
    copy.at = Timestamp{7};
    trace.copies = {copy};
    return trace;
  };
  const Json answer = trace("0102030405060708090a0b0c");
  EXPECT_EQ(response_->status, 200);
  EXPECT_EQ(answer["names"][0], "al\"ice");
  EXPECT_EQ(answer["target"], "alias");
  EXPECT_EQ(answer["copies"][0], (Json{{"regId", "r1"},
                                       {"state", "delivered"},
                                       {"feed", "inbox:r1"},
                                       {"number", 3},
                                       {"at", 7}}));
}

TEST_F(ApiHandlerTest, Message_of_another_app_looks_like_none) {
  const auto answer_of = [this](auto on_trace) {
    service_->on_trace = on_trace;
    Json answer = trace("0102030405060708090a0b0c");
    EXPECT_EQ(response_->status, 404);
    return answer;
  };
  const Json foreign = answer_of([](const middle::MessageId& id) -> Result<middle::TraceReply> {
    middle::TraceReply trace;
    trace.id = id;
    trace.app = middle::AppId("another");
    return trace;
  });
  const Json absent = answer_of([](const middle::MessageId&) -> Result<middle::TraceReply> {
    return Error{ErrorCode::kNotFound, "no such message"};
  });
  EXPECT_EQ(foreign, absent);
  EXPECT_EQ(trace("nonsense"), absent);
}

TEST_F(ApiHandlerTest, Trace_needs_the_secret) {
  const Json answer = call({.method = Method::kGet,
                            .target = "/v1/messages/0102030405060708090a0b0c",
                            .body = "",
                            .authorization = "key=wrong",
                            .header = {}});
  EXPECT_EQ(response_->status, 401);
  EXPECT_EQ(response_->extra.name, "www-authenticate");
  EXPECT_EQ(answer["error"], "unauthenticated");
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
