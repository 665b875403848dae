#include "channels/handler/handler_link.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/manual_executor.h"
#include "tests/unit/channels/fake_handler.h"

namespace longwire::channels {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class HandlerLinkTest : public testing::Test {
 protected:
  HandlerLinkTest() {
    config_.call_timeout = seconds(2);
    config_.calls_in_flight_max = 3;
    config_.failures_max = 3;
    config_.retry_pause = seconds(10);
    config_.frame_bytes_max = 1'000;
    link_.emplace(
        HandlerLink::Parts{.environment = {loop_, clock_, system_random(), null_log(), metrics_},
                           .config = config_,
                           .welcome = {.channel = "orders",
                                       .domain = "localhost",
                                       .push_address = "127.0.0.1:1",
                                       .push_key = "key",
                                       .frame_bytes_max = 1'000},
                           .dial = handler_.dial()});
  }
  void serve() {
    link_->start();
    handler_.welcome_back();
  }
  // The answers of calls, in the order in which they came.
  void ask(const Bytes& payload, HandlerSessionKey session = 1) {
    link_->call(
        session, {.peer = {"ann", "phone", false}, .payload = payload},
        [this, payload](Result<Bytes> with) {
          answers_.push_back(payload + ":" +
                             (with.ok() ? *with : std::string(error_code_name(with.error().code))));
        });
  }
  std::vector<std::string> answers() { return std::exchange(answers_, {}); }
  std::int32_t asked(const Bytes& payload) {
    ask(payload);
    return handler_.hear_last().id;
  }
  void fail_by_silence(int times) {
    for (int i = 0; i < times; ++i) {
      ask("x");
      loop_.advance(seconds(2));
    }
    answers();
    handler_.hear();
  }

  test::ManualClock clock_;
  test::ManualExecutor loop_{clock_};
  Metrics metrics_;
  HandlersConfig config_;
  FakeHandler handler_;
  std::vector<std::string> answers_;
  std::optional<HandlerLink> link_;
};

TEST_F(HandlerLinkTest, welcomes_first_and_says_who_it_is) {
  link_->start();
  const auto heard = handler_.hear();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].method, "welcome");
  EXPECT_EQ(heard[0].welcome.channel, "orders");
  EXPECT_EQ(heard[0].welcome.push_key, "key");
  EXPECT_EQ(link_->state(), HandlerState::kAway);
  handler_.say(welcome_reply(heard[0].id));
  EXPECT_EQ(link_->state(), HandlerState::kServing);
}

TEST_F(HandlerLinkTest, refuses_calls_before_it_is_welcomed_back) {
  link_->start();
  ask("a");
  EXPECT_EQ(answers(), std::vector<std::string>{"a:unavailable"});
}

TEST_F(HandlerLinkTest, carries_a_request_and_its_answer) {
  serve();
  ask("A17");
  const HandlerHeard heard = handler_.hear_last();
  EXPECT_EQ(heard.method, "handle");
  EXPECT_EQ(heard.request.payload, "A17");
  EXPECT_EQ(heard.request.session.account, "ann");
  EXPECT_EQ(heard.request.deadline_ms, 2'000);
  EXPECT_TRUE(heard.request.wants_reply);
  handler_.say(handle_reply(heard.id, "paid"));
  EXPECT_EQ(answers(), std::vector<std::string>{"A17:paid"});
}

TEST_F(HandlerLinkTest, answers_may_come_in_any_order_and_in_pieces) {
  serve();
  const auto a = asked("a");
  const auto b = asked("b");
  const Bytes both = handle_reply(b, "2") + handle_reply(a, "1");
  for (const char byte : both) handler_.say(Bytes(1, byte));
  EXPECT_EQ(answers(), (std::vector<std::string>{"b:2", "a:1"}));
}

TEST_F(HandlerLinkTest, tells_of_a_session_before_its_first_request_and_of_its_end) {
  serve();
  ask("a");
  ask("b");
  link_->disconnected(1, {"ann", "phone", false});
  std::vector<std::string> methods;
  for (const auto& heard : handler_.hear()) methods.push_back(heard.method);
  EXPECT_EQ(methods, (std::vector<std::string>{"connected", "handle", "handle", "disconnected"}));
}

TEST_F(HandlerLinkTest, says_no_end_of_a_session_it_was_not_told_of) {
  serve();
  link_->disconnected(1, {"ann", "phone", false});
  EXPECT_TRUE(handler_.hear().empty());
}

TEST_F(HandlerLinkTest, tells_of_sessions_again_on_a_new_connection) {
  serve();
  handler_.say(handle_reply(asked("a"), ""));
  handler_.hang_up();
  loop_.advance(milliseconds(100));
  handler_.welcome_back();
  ask("b");
  EXPECT_EQ(handler_.hear().front().method, "connected");
}

TEST_F(HandlerLinkTest, a_call_without_answer_ends_at_its_deadline) {
  serve();
  ask("a");
  loop_.advance(milliseconds(1'999));
  EXPECT_TRUE(answers().empty());
  loop_.advance(milliseconds(1));
  EXPECT_EQ(answers(), std::vector<std::string>{"a:deadline_exceeded"});
}

TEST_F(HandlerLinkTest, a_late_answer_is_dropped_and_harms_nobody) {
  serve();
  const auto a = asked("a");
  loop_.advance(seconds(2));
  answers();
  handler_.say(handle_reply(a, "late"));
  EXPECT_TRUE(answers().empty());
  handler_.say(handle_reply(asked("b"), "2"));
  EXPECT_EQ(answers(), std::vector<std::string>{"b:2"});
}

TEST_F(HandlerLinkTest, more_calls_than_may_be_under_way_are_refused_at_once) {
  serve();
  for (const char* name : {"a", "b", "c", "d"}) ask(name);
  EXPECT_EQ(answers(), std::vector<std::string>{"d:resource_exhausted"});
}

TEST_F(HandlerLinkTest, nothing_is_queued_for_a_handler_that_does_not_read) {
  serve();
  handler_.blocked = true;
  ask("a");
  EXPECT_EQ(answers(), std::vector<std::string>{"a:resource_exhausted"});
  EXPECT_TRUE(handler_.hear().empty());
}

TEST_F(HandlerLinkTest, calls_under_way_end_with_the_connection) {
  serve();
  ask("a");
  handler_.hang_up();
  EXPECT_EQ(answers(), std::vector<std::string>{"a:deadline_exceeded"});
  ask("b");
  EXPECT_EQ(answers(), std::vector<std::string>{"b:unavailable"});
}

TEST_F(HandlerLinkTest, connects_again_after_a_loss) {
  serve();
  handler_.hang_up();
  EXPECT_EQ(handler_.connections, 1);
  loop_.advance(milliseconds(100));
  EXPECT_EQ(handler_.connections, 2);
  handler_.welcome_back();
  EXPECT_EQ(link_->state(), HandlerState::kServing);
}

TEST_F(HandlerLinkTest, is_left_alone_after_too_many_failures) {
  handler_.unreachable = true;
  link_->start();
  loop_.advance(milliseconds(300));
  EXPECT_EQ(handler_.connections, 3);
  EXPECT_EQ(link_->state(), HandlerState::kRefusing);
  loop_.advance(milliseconds(9'900));
  EXPECT_EQ(handler_.connections, 3);
  loop_.advance(milliseconds(100));
  EXPECT_EQ(handler_.connections, 4);
}

TEST_F(HandlerLinkTest, a_silent_welcome_is_a_failure) {
  link_->start();
  loop_.advance(seconds(2));
  EXPECT_TRUE(handler_.closed);
  loop_.advance(milliseconds(100));
  EXPECT_EQ(handler_.connections, 2);
}

TEST_F(HandlerLinkTest, a_slow_handler_is_refused_then_probed_by_one_call) {
  serve();
  fail_by_silence(3);
  EXPECT_TRUE(handler_.closed);
  EXPECT_EQ(link_->state(), HandlerState::kRefusing);
  ask("a");
  EXPECT_EQ(answers(), std::vector<std::string>{"a:unavailable"});
  loop_.advance(seconds(10));
  handler_.welcome_back();
  EXPECT_EQ(link_->state(), HandlerState::kProbing);
  const auto probe = asked("b");
  ask("c");
  EXPECT_EQ(answers(), std::vector<std::string>{"c:unavailable"});
  handler_.say(handle_reply(probe, "2"));
  EXPECT_EQ(link_->state(), HandlerState::kServing);
}

TEST_F(HandlerLinkTest, a_probe_that_fails_leaves_it_alone_again) {
  serve();
  fail_by_silence(3);
  loop_.advance(seconds(10));
  handler_.welcome_back();
  fail_by_silence(1);
  EXPECT_EQ(link_->state(), HandlerState::kRefusing);
}

TEST_F(HandlerLinkTest, an_answer_in_time_forgets_the_failures_before) {
  serve();
  for (int round = 0; round < 3; ++round) {
    fail_by_silence(2);
    handler_.say(handle_reply(asked("a"), "1"));
  }
  EXPECT_EQ(link_->state(), HandlerState::kServing);
}

TEST_F(HandlerLinkTest, a_refusal_is_an_answer) {
  serve();
  for (int i = 0; i < 5; ++i)
    handler_.say(handle_refusal(asked("a"), wire::Refusal::NOT_FOUND, "no"));
  EXPECT_EQ(answers(), std::vector<std::string>(5, "a:not_found"));
  EXPECT_EQ(link_->state(), HandlerState::kServing);
}

// ---- lies

TEST_F(HandlerLinkTest, garbage_ends_the_connection) {
  for (const Bytes& garbage : {Bytes("HTTP/1.1 400 Bad Request\r\n\r\n"), Bytes(4, '\0'),
                               Bytes(4, '\xff'), Bytes("\0\0\0\4abcd", 8)}) {
    FakeHandler liar;
    HandlerLink link({.environment = {loop_, clock_, system_random(), null_log(), metrics_},
                      .config = config_,
                      .welcome = {},
                      .dial = liar.dial()});
    link.start();
    liar.say(garbage);
    EXPECT_TRUE(liar.closed);
  }
}

TEST_F(HandlerLinkTest, an_answer_to_what_was_not_asked_ends_the_connection) {
  for (const std::int32_t id : {0, -1, 3, 1'000'000}) {
    FakeHandler liar;
    HandlerLink link({.environment = {loop_, clock_, system_random(), null_log(), metrics_},
                      .config = config_,
                      .welcome = {},
                      .dial = liar.dial()});
    link.start();
    liar.welcome_back();
    liar.say(handle_reply(id, "x"));
    EXPECT_TRUE(liar.closed) << id;
  }
}

TEST_F(HandlerLinkTest, an_answer_of_another_method_ends_the_connection) {
  serve();
  handler_.say(welcome_reply(asked("a")));
  EXPECT_TRUE(handler_.closed);
  EXPECT_EQ(answers(), std::vector<std::string>{"a:deadline_exceeded"});
}

TEST_F(HandlerLinkTest, what_comes_after_a_lie_is_not_read) {
  serve();
  const auto a = asked("a");
  handler_.say(handle_reply(99, "lie") + handle_reply(a, "1"));
  handler_.say(handle_reply(a, "1"));
  EXPECT_EQ(answers(), std::vector<std::string>{"a:deadline_exceeded"});
}

TEST_F(HandlerLinkTest, answering_twice_is_no_answer_to_the_next) {
  serve();
  const auto a = asked("a");
  handler_.say(handle_reply(a, "1") + handle_reply(a, "again"));
  EXPECT_EQ(answers(), std::vector<std::string>{"a:1"});
  ask("b");
  EXPECT_TRUE(answers().empty());
}

TEST_F(HandlerLinkTest, a_reply_that_is_too_long_costs_its_own_call) {
  serve();
  const auto a = asked("a");
  const auto b = asked("b");
  handler_.say(handle_reply(a, Bytes(1'001, 'x')) + handle_reply(b, "2"));
  EXPECT_EQ(answers(), (std::vector<std::string>{"a:internal", "b:2"}));
}

TEST_F(HandlerLinkTest, its_state_is_told_by_a_metric) {
  const auto gauge = [this] {
    return metrics_.gauge("longwire_handler_state", "", {{"channel", "orders"}}).value();
  };
  EXPECT_EQ(gauge(), 0);
  serve();
  EXPECT_EQ(gauge(), 1);
  fail_by_silence(3);
  EXPECT_EQ(gauge(), 3);
}

}  // namespace
}  // namespace longwire::channels
