#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http_front/protocol/session.h"
#include "tests/unit/http_front/session_host.h"

namespace longwire::http {
namespace {

using std::chrono::seconds;

struct Heard {
  std::map<std::string, std::string> fields;
  std::string body;
  bool ended = false;
  std::uint32_t reset = 0;
};

// nghttp2's own client, in memory.
class Client final {
 public:
  Client() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user) {
          static_cast<Client*>(user)->heard[frame->hd.stream_id].fields[text(name, name_size)] =
              text(value, value_size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                      std::size_t size, void* user) {
          static_cast<Client*>(user)->heard[id].body += text(data, size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
          Heard& stream = static_cast<Client*>(user)->heard[id];
          stream.ended = true;
          stream.reset = error;
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          if (frame->hd.type == NGHTTP2_GOAWAY) {
            static_cast<Client*>(user)->goaway = static_cast<int>(frame->goaway.error_code);
          }
          return 0;
        });
    nghttp2_session_client_new(&session, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Client() { nghttp2_session_del(session); }

  static std::string text(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }

  std::int32_t request(const std::string& method, const std::string& path,
                       const std::string& body = "",
                       std::vector<std::pair<std::string, std::string>> more = {}) {
    bodies.push_back(std::make_unique<std::string>(body));
    std::vector<std::pair<std::string, std::string>> all{
        {":method", method}, {":scheme", "https"}, {":authority", "x"}, {":path", path}};
    all.insert(all.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> fields;
    for (auto& [name, value] : all) {
      fields.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                        reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                        NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{};
    provider.source.ptr = bodies.back().get();
    provider.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                                std::uint32_t* flags, nghttp2_data_source* source,
                                void*) -> ssize_t {
      auto& left = *static_cast<std::string*>(source->ptr);
      const std::size_t count = std::min(size, left.size());
      left.copy(reinterpret_cast<char*>(out), count);
      left.erase(0, count);
      if (left.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
      return static_cast<ssize_t>(count);
    };
    return nghttp2_submit_request(session, nullptr, fields.data(), fields.size(),
                                  body.empty() ? nullptr : &provider, nullptr);
  }

  std::string take_output() {
    std::string out;
    const std::uint8_t* piece = nullptr;
    ssize_t size = 0;
    while ((size = nghttp2_session_mem_send(session, &piece)) > 0) {
      out += text(piece, static_cast<std::size_t>(size));
    }
    return out;
  }
  void hear(const std::string& bytes) {
    nghttp2_session_mem_recv(session, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                             bytes.size());
  }

  nghttp2_session* session = nullptr;
  std::map<std::int32_t, Heard> heard;
  int goaway = -1;
  std::vector<std::unique_ptr<std::string>> bodies;
};

class Http2SessionTest : public testing::Test {
 protected:
  // Both sides speak until neither has anything to say.
  void exchange() {
    for (int i = 0; i < 1000; ++i) {
      const std::string said = client_.take_output();
      if (!said.empty()) session_->receive(said, now_);
      const std::string heard = std::exchange(host_.output, {});
      if (!heard.empty()) client_.hear(heard);
      if (said.empty() && heard.empty()) return;
    }
  }
  void answer(std::size_t index, const std::string& body) {
    Response response;
    response.body = body;
    session_->respond(host_.requests.at(index).first, std::move(response), now_);
    exchange();
  }
  void pass(seconds time) {
    now_ += time;
    session_->check_time(now_);
    exchange();
  }

  SessionLimits limits_;
  BodyMemory memory_;
  test::KeepingHost host_;
  MonotonicTime now_{};
  std::unique_ptr<Session> session_ = make_http2_session(limits_, memory_, host_, now_);
  Client client_;
};

TEST_F(Http2SessionTest, Request_is_handed_over_and_answered) {
  const auto id = client_.request("POST", "/a?b=c", "body", {{"authorization", "key=s"}});
  exchange();
  ASSERT_EQ(host_.requests.size(), 1U);
  const Request& request = host_.requests[0].second;
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query(), "b=c");
  EXPECT_EQ(request.body, "body");
  EXPECT_EQ(request.headers.find("authorization"), "key=s");
  answer(0, "{}");
  EXPECT_EQ(client_.heard[id].fields[":status"], "200");
  EXPECT_EQ(client_.heard[id].fields["content-length"], "2");
  EXPECT_EQ(client_.heard[id].body, "{}");
  EXPECT_TRUE(client_.heard[id].ended);
}

TEST_F(Http2SessionTest, Answers_come_in_any_order) {
  const auto first = client_.request("GET", "/1");
  const auto second = client_.request("GET", "/2");
  exchange();
  answer(1, "two");
  EXPECT_EQ(client_.heard[second].body, "two");
  answer(0, "one");
  EXPECT_EQ(client_.heard[first].body, "one");
}

TEST_F(Http2SessionTest, Requests_answered_at_once_are_served) {
  host_.answers_at_once = session_.get();
  const auto id = client_.request("POST", "/", "x");
  exchange();
  EXPECT_EQ(client_.heard[id].body, "echo x");
}

TEST_F(Http2SessionTest, Long_answers_follow_the_windows_of_the_peer) {
  const auto id = client_.request("GET", "/");
  exchange();
  answer(0, std::string(500'000, 'y'));
  EXPECT_EQ(client_.heard[id].body.size(), 500'000U);
}

TEST_F(Http2SessionTest, Long_body_up_to_the_limit_is_taken) {
  client_.request("POST", "/", std::string(limits_.parser.body_bytes_max, 'z'));
  exchange();
  ASSERT_EQ(host_.requests.size(), 1U);
  EXPECT_EQ(host_.requests[0].second.body.size(), limits_.parser.body_bytes_max);
  EXPECT_EQ(memory_.used, 0U);
}

TEST_F(Http2SessionTest, Body_beyond_the_limit_is_answered_413) {
  const auto id = client_.request("POST", "/", std::string(limits_.parser.body_bytes_max + 1, 'z'));
  exchange();
  EXPECT_EQ(host_.requests.size(), 0U);
  EXPECT_EQ(client_.heard[id].fields[":status"], "413");
  EXPECT_TRUE(client_.heard[id].ended);
}

TEST_F(Http2SessionTest, Long_head_is_answered_431) {
  limits_.parser.head_bytes_max = 1000;
  const auto id = client_.request("GET", "/", "", {{"a", std::string(2000, 'a')}});
  exchange();
  EXPECT_EQ(host_.requests.size(), 0U);
  EXPECT_EQ(client_.heard[id].fields[":status"], "431");
}

TEST_F(Http2SessionTest, Unfinished_bodies_of_a_connection_are_bounded) {
  limits_.unfinished_bodies_max = 1000;
  const auto id = client_.request("POST", "/", std::string(2000, 'z'));
  exchange();
  EXPECT_EQ(client_.heard[id].reset, static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
  EXPECT_EQ(memory_.used, 0U);
}

TEST_F(Http2SessionTest, Streams_beyond_the_limit_wait_at_the_peer) {
  exchange();
  for (int i = 0; i < 150; ++i) client_.request("GET", "/");
  exchange();
  EXPECT_EQ(host_.requests.size(), limits_.streams_max);
}

TEST_F(Http2SessionTest, Rapid_resets_end_the_connection) {
  exchange();
  for (int i = 0; i < 3000 && !session_->finished(); ++i) {
    const auto id = client_.request("GET", "/");
    client_.hear(std::exchange(host_.output, {}));
    session_->receive(client_.take_output(), now_);
    nghttp2_submit_rst_stream(client_.session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    session_->receive(client_.take_output(), now_);
  }
  EXPECT_TRUE(session_->finished());
  EXPECT_LE(host_.requests.size(), 1100U);
}

TEST_F(Http2SessionTest, Ping_flood_ends_the_connection) {
  exchange();
  for (int i = 0; i < 2000 && !session_->finished(); ++i) {
    nghttp2_submit_ping(client_.session, NGHTTP2_FLAG_NONE, nullptr);
    exchange();
  }
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http2SessionTest, Settings_flood_ends_the_connection) {
  exchange();
  for (int i = 0; i < 2000 && !session_->finished(); ++i) {
    nghttp2_submit_settings(client_.session, NGHTTP2_FLAG_NONE, nullptr, 0);
    exchange();
  }
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http2SessionTest, Served_requests_never_use_up_the_control_frames) {
  host_.answers_at_once = session_.get();
  for (int i = 0; i < 5000; ++i) {
    client_.request("POST", "/", "x");
    exchange();
  }
  EXPECT_FALSE(session_->finished());
  EXPECT_EQ(host_.requests.size(), 5000U);
}

TEST_F(Http2SessionTest, Slow_request_is_cancelled) {
  const auto id = client_.request("POST", "/", std::string(100'000, 'z'));
  session_->receive(client_.take_output().substr(0, 1000), now_);
  client_.hear(std::exchange(host_.output, {}));
  now_ += seconds(31);
  session_->check_time(now_);
  client_.hear(std::exchange(host_.output, {}));
  EXPECT_EQ(client_.heard[id].reset, static_cast<std::uint32_t>(NGHTTP2_CANCEL));
}

TEST_F(Http2SessionTest, Idle_connection_goes_away) {
  exchange();
  pass(seconds(301));
  EXPECT_EQ(client_.goaway, NGHTTP2_NO_ERROR);
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http2SessionTest, Shut_down_lets_what_runs_finish) {
  const auto id = client_.request("GET", "/");
  exchange();
  session_->shut_down(now_);
  exchange();
  EXPECT_EQ(client_.goaway, NGHTTP2_NO_ERROR);
  EXPECT_FALSE(session_->finished());
  answer(0, "done");
  EXPECT_EQ(client_.heard[id].body, "done");
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http2SessionTest, Bytes_of_another_protocol_end_the_connection) {
  session_->receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n", now_);
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http2SessionTest, Answer_after_the_peer_gave_up_is_dropped) {
  const auto id = client_.request("GET", "/");
  exchange();
  nghttp2_submit_rst_stream(client_.session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  exchange();
  answer(0, "late");
  EXPECT_EQ(client_.heard[id].body, "");
  EXPECT_FALSE(session_->finished());
}

}  // namespace
}  // namespace longwire::http
