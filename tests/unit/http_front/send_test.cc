#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "http_front/api/api_call.h"
#include "tests/unit/http_front/api_test.h"

namespace longwire::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSend;
using Json = nlohmann::json;

class SendTest : public test::ApiTest {};

TEST_F(SendTest, Accepted_send_is_told_with_code_zero_and_an_id) {
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

TEST_F(SendTest, Nothing_is_answered_before_the_middle_has_answered) {
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

TEST_F(SendTest, Each_path_has_its_kind_of_target) {
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

TEST_F(SendTest, Parameters_may_stand_in_the_query) {
  EXPECT_EQ(post("/v2/message/regid?" + kSend, "")["code"], 0);
  EXPECT_EQ(service_->sent.back().names.size(), 2U);
}

TEST_F(SendTest, Unknown_targets_are_listed) {
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

TEST_F(SendTest, Nobody_known_is_20301) {
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

TEST_F(SendTest, Errors_of_the_middle_come_with_status_200_and_a_time_to_retry) {
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

TEST_F(SendTest, Foreign_bodies_are_10007) {
  const Json answer = call({.target = "/v2/message/regid",
                            .body = "{}",
                            .header = {"content-type", "application/json"}});
  EXPECT_EQ(answer["code"], 10007);
}

TEST_F(SendTest, Idempotency_key_of_the_header_is_handed_on) {
  call({.target = "/v2/message/regid", .body = kSend, .header = {"idempotency-key", "k1"}});
  EXPECT_EQ(service_->sent.back().idempotency_key, "k1");
}

TEST_F(SendTest, Identical_sends_without_a_key_are_two_sends) {
  post("/v2/message/regid", kSend);
  post("/v2/message/regid", kSend);
  EXPECT_EQ(service_->sent.size(), 2U);
}

TEST_F(SendTest, Text_of_a_reason_is_quoted_safely) {
  fail_sends({ErrorCode::kInvalidArgument, "bad \"name\"\n\xff"});
  EXPECT_EQ(post("/v2/message/regid", kSend)["code"], 10017);
}

}  // namespace
}  // namespace longwire::http
