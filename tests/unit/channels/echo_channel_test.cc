#include "channels/echo/echo_channel.h"

#include <gtest/gtest.h>

#include "channels/codec/compact.h"
#include "channels/idl/echo_types.h"
#include "tests/unit/channels/fake_session.h"

namespace longwire::channels {
namespace {

Bytes request(const Bytes& data) {
  wire::EchoRequest request;
  request.data = data;
  return encode_compact(request);
}

TEST(EchoChannel, is_found_in_a_table_by_its_name_alone) {
  ChannelTable table;
  table.add(make_echo_channel());
  ASSERT_NE(table.find("echo"), nullptr);
  EXPECT_EQ(table.find("echo")->number(), 2u);
  EXPECT_EQ(table.find("push"), nullptr);
}

TEST(EchoChannel, answers_with_the_data_of_the_request) {
  FakeSession session;
  auto handler = make_echo_channel()->open(session, {});
  Bytes answer;
  handler->on_request(request("hello"), [&](Result<Bytes> reply) { answer = *reply; });
  EXPECT_EQ(decode_compact<wire::EchoReply>(answer, kFromServer)->data, "hello");
}

TEST(EchoChannel, sends_a_frame_back) {
  FakeSession session;
  auto handler = make_echo_channel()->open(session, {});
  handler->on_frame(request("hello"));
  ASSERT_EQ(session.frames.size(), 1u);
  EXPECT_EQ(session.frames[0].channel, "echo");
}

TEST(EchoChannel, queues_nothing_for_a_peer_that_does_not_read) {
  FakeSession session;
  session.is_blocked = true;
  auto handler = make_echo_channel()->open(session, {});
  handler->on_frame(request("hello"));
  EXPECT_TRUE(session.frames.empty());
}

TEST(EchoChannel, refuses_what_is_not_a_request) {
  FakeSession session;
  auto handler = make_echo_channel()->open(session, {});
  ErrorCode code = ErrorCode::kInternal;
  handler->on_request("\xff\xff", [&](Result<Bytes> reply) { code = reply.error().code; });
  EXPECT_EQ(code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace longwire::channels
