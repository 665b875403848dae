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

class MessagesTest : public test::ApiTest {};

TEST_F(MessagesTest, Trace_shows_what_became_of_each_copy) {
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

TEST_F(MessagesTest, Message_of_another_app_looks_like_none) {
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

TEST_F(MessagesTest, Head_is_answered_as_get_is) {
  service_->on_trace = [](const middle::MessageId&) -> Result<middle::TraceReply> {
    return Error{ErrorCode::kNotFound, "no such message"};
  };
  const auto status = [this](Method method) {
    call({.method = method,
          .target = "/v1/messages/0102030405060708090a0b0c",
          .body = "",
          .header = {}});
    return response_->status;
  };
  EXPECT_EQ(status(Method::kGet), 404);
  EXPECT_EQ(status(Method::kHead), 404);
  EXPECT_EQ(status(Method::kPost), 405);
  EXPECT_EQ(response_->extra.value, "GET, HEAD");
}

TEST_F(MessagesTest, Trace_needs_the_secret) {
  const Json answer = call({.method = Method::kGet,
                            .target = "/v1/messages/0102030405060708090a0b0c",
                            .body = "",
                            .authorization = "key=wrong",
                            .header = {}});
  EXPECT_EQ(response_->status, 401);
  EXPECT_EQ(response_->extra.name, "www-authenticate");
  EXPECT_EQ(answer["error"], "unauthenticated");
}

}  // namespace
}  // namespace longwire::http
