#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "http_front/protocol/session.h"
#include "tests/unit/http_front/session_host.h"

namespace longwire::http {
namespace {

using std::chrono::seconds;

std::string post(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class Http1SessionTest : public testing::Test {
 protected:
  void receive(const std::string& bytes) { session_->receive(bytes, now_); }
  void answer(std::size_t index, const std::string& body) {
    Response response;
    response.body = body;
    session_->respond(host_.requests.at(index).first, std::move(response), now_);
  }
  void pass(seconds time) {
    now_ += time;
    session_->check_time(now_);
  }
  bool says(const std::string& text) const { return host_.output.find(text) != std::string::npos; }

  SessionLimits limits_;
  BodyMemory memory_;
  test::KeepingHost host_;
  MonotonicTime now_{};
  std::unique_ptr<Session> session_ = make_http1_session(limits_, memory_, host_, now_);
};

TEST_F(Http1SessionTest, Answer_has_length_date_and_stays_open) {
  receive(post("a"));
  answer(0, "{}");
  EXPECT_EQ(host_.output,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\n"
            "Content-Length: 2\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n{}");
  EXPECT_FALSE(session_->finished());
}

TEST_F(Http1SessionTest, Pipelined_requests_run_one_after_another) {
  receive(post("a") + post("b") + post("c"));
  ASSERT_EQ(host_.requests.size(), 1U);
  answer(0, "1");
  ASSERT_EQ(host_.requests.size(), 2U);
  answer(1, "2");
  answer(2, "3");
  EXPECT_EQ(host_.requests[2].second.body, "c");
}

TEST_F(Http1SessionTest, Many_pipelined_requests_answered_at_once_need_no_deep_stack) {
  host_.answers_at_once = session_.get();
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  receive(many);
  EXPECT_EQ(host_.requests.size(), 20'000U);
}

TEST_F(Http1SessionTest, Second_answer_to_a_request_is_ignored) {
  receive(post("a"));
  answer(0, "1");
  const std::string first = host_.output;
  answer(0, "2");
  EXPECT_EQ(host_.output, first);
}

TEST_F(Http1SessionTest, Close_is_obeyed_and_announced) {
  receive("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + post("b"));
  answer(0, "1");
  EXPECT_TRUE(says("\r\nConnection: close\r\n"));
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(host_.requests.size(), 1U);
}

TEST_F(Http1SessionTest, Head_is_answered_without_a_body) {
  receive("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  answer(0, "long");
  EXPECT_TRUE(says("Content-Length: 4\r\n"));
  EXPECT_FALSE(says("long"));
}

TEST_F(Http1SessionTest, Expectation_is_met_before_the_body_comes) {
  receive("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(host_.output, "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_F(Http1SessionTest, Bad_request_is_answered_and_ends_the_connection) {
  receive("nonsense\r\n\r\n");
  EXPECT_TRUE(says("HTTP/1.1 400 Bad Request"));
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1SessionTest, Slow_request_is_ended_with_408) {
  receive("GET / HT");
  pass(seconds(29));
  EXPECT_FALSE(session_->finished());
  receive("TP/1.1\r\n");  // a drop now and then does not help
  pass(seconds(2));
  EXPECT_TRUE(says("HTTP/1.1 408"));
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1SessionTest, Idle_connection_ends_without_a_word) {
  pass(seconds(299));
  EXPECT_FALSE(session_->finished());
  pass(seconds(2));
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(host_.output, "");
}

TEST_F(Http1SessionTest, Request_without_an_answer_ends_with_504) {
  receive(post("a"));
  pass(seconds(61));
  EXPECT_TRUE(says("HTTP/1.1 504"));
  answer(0, "late");
  EXPECT_FALSE(says("late"));
}

TEST_F(Http1SessionTest, Shut_down_lets_what_runs_finish) {
  receive(post("a"));
  session_->shut_down(now_);
  EXPECT_FALSE(session_->finished());
  answer(0, "1");
  EXPECT_TRUE(says("Connection: close"));
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1SessionTest, Shut_down_ends_an_idle_connection_at_once) {
  session_->shut_down(now_);
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1SessionTest, Last_request_of_a_connection_is_announced) {
  limits_.requests_max = 2;
  receive(post("a"));
  answer(0, "1");
  EXPECT_FALSE(session_->finished());
  receive(post("b"));
  answer(1, "2");
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1SessionTest, Full_body_memory_refuses_with_503) {
  memory_.max = 10;
  receive("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(20, 'a'));
  EXPECT_TRUE(says("HTTP/1.1 503"));
}

TEST_F(Http1SessionTest, Body_memory_is_given_back) {
  receive("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(20, 'a'));
  EXPECT_EQ(memory_.used, 20U);
  session_.reset();
  EXPECT_EQ(memory_.used, 0U);
}

TEST_F(Http1SessionTest, Pipelined_bytes_beyond_a_limit_wait_in_the_socket) {
  receive(post("a"));
  EXPECT_TRUE(session_->wants_input());
  receive(std::string(70'000, 'x'));
  EXPECT_FALSE(session_->wants_input());
}

TEST_F(Http1SessionTest, Blocked_session_starts_nothing_until_it_may_write) {
  session_->set_blocked(true, now_);
  receive(post("a"));
  EXPECT_EQ(host_.requests.size(), 0U);
  session_->set_blocked(false, now_);
  EXPECT_EQ(host_.requests.size(), 1U);
}

}  // namespace
}  // namespace longwire::http
