#include "channels/handler/handler_messages.h"

#include <gtest/gtest.h>

#include "channels/idl/ChannelPush.h"
#include "tests/unit/channels/fake_handler.h"

namespace longwire::channels {
namespace {

constexpr std::int32_t kFrameMax = 1'000;

// Without the length before it.
Bytes body(const Bytes& message) { return message.substr(4); }

Result<Bytes> payload_of(const Bytes& message) {
  auto answer = read_answer(body(message), kFrameMax);
  if (!answer.ok()) return answer.error();
  return answer->payload;
}

Bytes push_message(const Bytes& payload, const std::string& name = "push") {
  wire::ChannelPush_push_args arguments;
  arguments.push_key = "key";
  arguments.account = "ann";
  arguments.payload = payload;
  return body(thrift_message(name, apache::thrift::protocol::T_CALL, 7, arguments));
}

TEST(HandlerMessages, an_answer_is_read_with_its_id) {
  const auto answer = read_answer(body(handle_reply(5, "shipped")), kFrameMax);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->id, 5);
  EXPECT_EQ(*answer->payload, "shipped");
}

TEST(HandlerMessages, a_refusal_is_an_error_of_its_kind) {
  using wire::Refusal;
  const auto code = [](Refusal::type why) {
    return payload_of(handle_refusal(1, why, "no")).error().code;
  };
  EXPECT_EQ(code(Refusal::BAD_REQUEST), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(Refusal::FORBIDDEN), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(Refusal::NOT_FOUND), ErrorCode::kNotFound);
  EXPECT_EQ(code(Refusal::CONFLICT), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code(Refusal::BUSY), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code(static_cast<Refusal::type>(99)), ErrorCode::kInternal);
  EXPECT_TRUE(may_retry(payload_of(handle_refusal(1, Refusal::BUSY, "")).error()));
}

TEST(HandlerMessages, text_that_no_stanza_can_carry_is_left_out) {
  for (const std::string& text : {std::string("\xff\xfe"), std::string("a\x01"),
                                  std::string("a\0b", 3), std::string(257, 'a')}) {
    EXPECT_EQ(payload_of(handle_refusal(1, wire::Refusal::NOT_FOUND, text)).error().message, "");
  }
}

TEST(HandlerMessages, a_reply_that_is_too_long_is_an_error_of_its_own) {
  EXPECT_EQ(payload_of(handle_reply(1, Bytes(kFrameMax, 'x')))->size(), 1'000u);
  const auto answer = read_answer(body(handle_reply(1, Bytes(kFrameMax + 1, 'x'))), kFrameMax);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->payload.error().code, ErrorCode::kInternal);
}

TEST(HandlerMessages, what_is_no_answer_is_none) {
  const Bytes good = body(handle_reply(1, "x"));
  EXPECT_FALSE(read_answer("", kFrameMax).ok());
  EXPECT_FALSE(read_answer("HTTP/1.1 200 OK", kFrameMax).ok());
  EXPECT_FALSE(read_answer(good + "x", kFrameMax).ok());
  for (std::size_t cut = 1; cut < good.size(); ++cut)
    EXPECT_FALSE(read_answer(good.substr(0, cut), kFrameMax).ok()) << cut;
  EXPECT_FALSE(read_answer(push_message("x"), kFrameMax).ok());
  // A reply that holds neither a value nor a refusal.
  EXPECT_FALSE(payload_of(thrift_message("handle", apache::thrift::protocol::T_REPLY, 1,
                                         wire::ChannelHandler_handle_result()))
                   .ok());
}

TEST(HandlerMessages, a_push_is_read_whole) {
  const auto call = read_push_call(push_message("shipped"), kFrameMax);
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->id, 7);
  EXPECT_EQ(call->account, "ann");
  EXPECT_EQ(call->resource, "");
  EXPECT_EQ(call->payload, "shipped");
}

TEST(HandlerMessages, what_is_no_push_is_none) {
  EXPECT_FALSE(read_push_call(push_message("x", "pull"), kFrameMax).ok());
  EXPECT_FALSE(read_push_call(body(handle_reply(1, "x")), kFrameMax).ok());
  EXPECT_FALSE(read_push_call(push_message(Bytes(10'000, 'x')), kFrameMax).ok());
}

}  // namespace
}  // namespace longwire::channels
