#include "http_front/server/http_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/net/loop_thread.h"
#include "http_front/server/http_connection.h"
#include "tests/unit/http_front/peer.h"

namespace longwire::http {
namespace {

using std::chrono::milliseconds;

// Keeps what is asked until the test answers. Used on the loop, and by the test through call().
class KeepingHandler final : public Handler {
 public:
  void handle(Request, Respond respond) override {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
    changed.notify_all();
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Respond> kept;
};

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    limits_.stop_timeout = milliseconds(100);
    auto listener = net::Listener::open(thread_.loop(), {"127.0.0.1", 0});
    ASSERT_TRUE(listener.ok());
    address_ = (*listener)->address();
    thread_.call([&] {
      server_.emplace(ServerParts{.loop = thread_.loop(),
                                  .clock = system_clock(),
                                  .handler = handler_,
                                  .tls = {},
                                  .metrics = make_server_metrics(metrics_, "test")},
                      limits_);
      server_->start(std::move(*listener));
    });
  }
  void TearDown() override {
    std::mutex mutex;
    std::condition_variable stopped;
    bool done = false;
    thread_.call([&] {
      server_->stop([&] {
        server_.reset();
        const std::lock_guard lock(mutex);
        done = true;
        stopped.notify_one();
      });
    });
    std::unique_lock lock(mutex);
    ASSERT_TRUE(stopped.wait_for(lock, std::chrono::seconds(10), [&] { return done; }));
  }
  void wait_for_requests(std::size_t count) {
    std::unique_lock lock(handler_.mutex);
    ASSERT_TRUE(handler_.changed.wait_for(lock, std::chrono::seconds(10),
                                          [&] { return handler_.kept.size() >= count; }));
  }
  std::size_t connections() {
    std::size_t count = 0;
    thread_.call([&] { count = server_->connection_count(); });
    return count;
  }
  void answer(std::size_t index, const std::string& body) {
    thread_.call([&] {
      Response response;
      response.body = body;
      handler_.kept[index](std::move(response));
    });
  }

  net::LoopThread thread_{"server"};
  net::LoopThread peer_thread_{"peer"};
  Metrics metrics_;
  KeepingHandler handler_;
  ServerLimits limits_;
  net::Address address_;
  std::optional<HttpServer> server_;
};

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(HttpServerTest, Late_answer_finds_its_connection) {
  test::Peer peer(peer_thread_, address_, nullptr);
  peer.say(kGet);
  wait_for_requests(1);
  answer(0, "late");
  EXPECT_NE(peer.hear("late").find("200 OK"), std::string::npos);
}

TEST_F(HttpServerTest, Answer_for_a_peer_that_left_is_dropped) {
  {
    test::Peer peer(peer_thread_, address_, nullptr);
    peer.say(kGet);
    wait_for_requests(1);
  }
  test::Peer second(peer_thread_, address_, nullptr);
  second.say(kGet);
  wait_for_requests(2);
  answer(0, "for nobody");
  answer(1, "for the second");
  EXPECT_EQ(second.hear("for the second").find("nobody"), std::string::npos);
}

TEST_F(HttpServerTest, Stop_cuts_a_request_that_is_never_answered) {
  test::Peer peer(peer_thread_, address_, nullptr);
  peer.say(kGet);
  wait_for_requests(1);
  EXPECT_EQ(connections(), 1U);
  TearDown();
  EXPECT_TRUE(peer.closes());
  SetUp();
}

}  // namespace
}  // namespace longwire::http
