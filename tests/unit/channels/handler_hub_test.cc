// A hub, its channels on one loop, and a handler: from a session to the program and back.

#include "channels/handler/handler_hub.h"

#include <gtest/gtest.h>

#include <optional>

#include "channels/handler/handler_channel.h"
#include "channels/handler/push_calls.h"
#include "channels/idl/ChannelPush.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/channels/fake_handler.h"
#include "tests/unit/channels/fake_session.h"

namespace longwire::channels {
namespace {

class HandlerHubTest : public testing::Test {
 protected:
  HandlerHubTest() {
    config_.requests_in_flight_max = 2;
    config_.frame_bytes_max = 1'000;
    config_.pushes_per_second = 3;
    hub_.emplace(HandlerHub::Parts{
        .environment = environment_,
        .config = config_,
        .places = {{.channel = "orders", .number = 16, .address = "127.0.0.1:9600"}},
        .domain = "localhost",
        .push_address = "127.0.0.1:9601",
        .dial = [this](const HandlerPlace&) { return handler_.dial(); }});
    table_.emplace();
    hub_->make_channels(*table_, environment_);
    hub_->start();
    key_ = handler_.hear_last().welcome.push_key;
    handler_.say(welcome_reply(1));
    loop_.run_until_idle();
  }
  std::unique_ptr<ChannelHandler> open(FakeSession& session) {
    return table_->find("orders")->open(session, {});
  }
  void ask(ChannelHandler& side, const Bytes& payload) {
    side.on_request(payload, [this](Result<Bytes> with) {
      answers_.push_back(with.ok() ? *with : std::string(error_code_name(with.error().code)));
    });
    loop_.run_until_idle();
  }
  void reply(const Bytes& payload) {
    handler_.say(handle_reply(handler_.hear_last().id, payload));
    loop_.run_until_idle();
  }
  std::string push(PushCall call) {
    std::string out = "nothing";
    hub_->push(std::move(call), [&out](Result<std::int32_t> with) {
      out = with.ok() ? std::to_string(*with) : std::string(error_code_name(with.error().code));
    });
    loop_.run_until_idle();
    return out;
  }
  PushCall to(const std::string& account, const std::string& resource = "") {
    return {.key = key_, .account = account, .resource = resource, .payload = "news"};
  }

  test::ManualClock clock_;
  test::ManualExecutor loop_{clock_};
  Metrics metrics_;
  Environment environment_{loop_, clock_, system_random(), null_log(), metrics_};
  HandlersConfig config_;
  FakeHandler handler_;
  Bytes key_;
  std::vector<std::string> answers_;
  std::optional<HandlerHub> hub_;
  std::optional<ChannelTable> table_;
  FakeSession session_;
};

TEST_F(HandlerHubTest, a_request_goes_to_the_handler_and_its_answer_back) {
  const auto side = open(session_);
  ask(*side, "A17");
  reply("paid");
  EXPECT_EQ(answers_, std::vector<std::string>{"paid"});
}

TEST_F(HandlerHubTest, a_session_that_never_used_it_costs_the_handler_nothing) {
  open(session_).reset();
  loop_.run_until_idle();
  EXPECT_TRUE(handler_.hear().empty());
}

TEST_F(HandlerHubTest, a_session_s_unanswered_requests_are_bounded) {
  const auto side = open(session_);
  for (int i = 0; i < 3; ++i) ask(*side, "A17");
  EXPECT_EQ(answers_, std::vector<std::string>{"resource_exhausted"});
  reply("paid");
  ask(*side, "A17");
  EXPECT_EQ(answers_, (std::vector<std::string>{"resource_exhausted", "paid"}));
}

TEST_F(HandlerHubTest, a_frame_that_is_too_long_is_not_carried) {
  const auto side = open(session_);
  ask(*side, Bytes(1'001, 'x'));
  EXPECT_EQ(answers_, std::vector<std::string>{"resource_exhausted"});
  EXPECT_TRUE(handler_.hear().empty());
}

TEST_F(HandlerHubTest, a_frame_without_answer_is_a_request_whose_reply_is_dropped) {
  const auto side = open(session_);
  side->on_frame("seen");
  loop_.run_until_idle();
  const HandlerHeard heard = handler_.hear_last();
  EXPECT_EQ(heard.request.payload, "seen");
  EXPECT_FALSE(heard.request.wants_reply);
  handler_.say(handle_reply(heard.id, "nobody listens"));
  loop_.run_until_idle();
  EXPECT_TRUE(session_.frames.empty());
}

TEST_F(HandlerHubTest, an_answer_after_the_session_s_end_is_given_to_who_counts_it) {
  auto side = open(session_);
  ask(*side, "A17");
  const auto id = handler_.hear_last().id;
  side.reset();
  loop_.run_until_idle();
  EXPECT_EQ(handler_.hear_last().method, "disconnected");
  handler_.say(handle_reply(id, "late"));
  loop_.run_until_idle();
  EXPECT_EQ(answers_, std::vector<std::string>{"late"});
}

TEST_F(HandlerHubTest, an_answer_after_the_front_end_s_end_is_dropped) {
  auto side = open(session_);
  ask(*side, "A17");
  const auto id = handler_.hear_last().id;
  side.reset();
  table_.reset();
  handler_.say(handle_reply(id, "late"));
  loop_.run_until_idle();
  EXPECT_TRUE(answers_.empty());
}

// ---- push

TEST_F(HandlerHubTest, a_push_goes_to_the_sessions_that_have_opened_the_channel) {
  FakeSession opened;
  FakeSession silent;
  const auto side = open(opened);
  const auto other = open(silent);
  side->on_frame("");
  loop_.run_until_idle();
  EXPECT_EQ(push(to("d0001")), "1");
  ASSERT_EQ(opened.frames.size(), 1u);
  EXPECT_EQ(opened.frames[0].channel, "orders");
  EXPECT_EQ(opened.frames[0].bytes, "news");
  EXPECT_TRUE(silent.frames.empty());
}

TEST_F(HandlerHubTest, an_empty_frame_opens_the_channel_and_asks_nothing) {
  const auto side = open(session_);
  side->on_frame("");
  loop_.run_until_idle();
  EXPECT_TRUE(handler_.hear().empty());
}

TEST_F(HandlerHubTest, a_push_may_be_for_one_resource) {
  const auto side = open(session_);
  side->on_frame("");
  EXPECT_EQ(push(to("d0001", "phone")), "1");
  EXPECT_EQ(push(to("d0001", "tablet")), "0");
}

TEST_F(HandlerHubTest, a_push_to_nobody_reaches_nobody) {
  auto side = open(session_);
  side->on_frame("");
  EXPECT_EQ(push(to("d0002")), "0");
  side.reset();
  EXPECT_EQ(push(to("d0001")), "0");
  table_.reset();
  EXPECT_EQ(push(to("d0001")), "0");
}

TEST_F(HandlerHubTest, nothing_is_pushed_to_a_session_that_does_not_read) {
  const auto side = open(session_);
  side->on_frame("");
  session_.is_blocked = true;
  EXPECT_EQ(push(to("d0001")), "0");
  EXPECT_TRUE(session_.frames.empty());
}

TEST_F(HandlerHubTest, a_push_with_another_key_is_refused) {
  const auto side = open(session_);
  side->on_frame("");
  PushCall call = to("d0001");
  call.key[0] = static_cast<char>(call.key[0] + 1);
  EXPECT_EQ(push(call), "permission_denied");
  call.key.clear();
  EXPECT_EQ(push(call), "permission_denied");
  EXPECT_TRUE(session_.frames.empty());
}

TEST_F(HandlerHubTest, a_push_that_is_too_long_is_refused) {
  PushCall call = to("d0001");
  call.payload.assign(1'001, 'x');
  EXPECT_EQ(push(call), "invalid_argument");
}

TEST_F(HandlerHubTest, pushes_beyond_the_rate_are_refused_until_time_has_passed) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(push(to("d0001")), "0");
  EXPECT_EQ(push(to("d0001")), "resource_exhausted");
  loop_.advance(std::chrono::milliseconds(400));
  EXPECT_EQ(push(to("d0001")), "0");
}

// ---- the bytes of push

class PushCallsTest : public HandlerHubTest {
 protected:
  Bytes call(std::int32_t id) {
    wire::ChannelPush_push_args arguments;
    arguments.push_key = key_;
    arguments.account = "d0001";
    arguments.payload = "news";
    return thrift_message("push", apache::thrift::protocol::T_CALL, id, arguments);
  }

  Bytes written_;
  std::optional<PushCalls> calls_{std::in_place, *hub_,
                                  [this](BytesView bytes) { written_.append(bytes); }};
};

TEST_F(PushCallsTest, a_call_is_answered_with_its_id) {
  const Bytes bytes = call(77);
  for (const char byte : bytes) ASSERT_TRUE(calls_->feed(Bytes(1, byte)).ok());
  loop_.run_until_idle();
  EXPECT_EQ(written_, write_push_answer(77, 0));
}

TEST_F(PushCallsTest, what_is_no_call_is_an_error) {
  EXPECT_FALSE(calls_->feed("GET / HTTP/1.1\r\n\r\n").ok());
}

TEST_F(PushCallsTest, pushes_under_way_are_bounded) {
  Bytes all;
  for (std::int32_t id = 1; id <= 300; ++id) all += call(id);
  ASSERT_TRUE(calls_->feed(all).ok());
  loop_.run_until_idle();
  EXPECT_NE(written_.find("too many pushes wait"), Bytes::npos);
}

TEST_F(PushCallsTest, nothing_is_written_after_its_end) {
  ASSERT_TRUE(calls_->feed(call(1)).ok());
  calls_.reset();
  loop_.run_until_idle();
  EXPECT_TRUE(written_.empty());
}

}  // namespace
}  // namespace longwire::channels
