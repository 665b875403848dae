#include "http_front/server/http_front.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/net/loop_thread.h"
#include "tests/unit/http_front/fake_service.h"
#include "tests/unit/http_front/peer.h"

namespace longwire::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Peer;

std::string send_to_all() {
  const std::string form = "payload=p";
  return "POST /v3/message/all HTTP/1.1\r\nHost: localhost\r\nAuthorization: key=secret-1\r\n"
         "Content-Length: " +
         std::to_string(form.size()) + "\r\n\r\n" + form;
}

class HttpFrontTest : public testing::Test {
 protected:
  void SetUp() override {
    config_.listen = "127.0.0.1:0";
    config_.admin_listen = "127.0.0.1:0";
    config_.stop_timeout = milliseconds(200);
    auto certificate = net::make_self_signed({"localhost"}, system_clock().now());
    ASSERT_TRUE(certificate.ok());
    certificate_ = *certificate;
  }
  void start() {
    auto front = make_http_front(config_,
                                 {.loops = {first_.loop(), second_.loop()},
                                  .middle = middle_,
                                  .domain = "localhost",
                                  .certificate = certificate_,
                                  .admin = {}},
                                 environment_);
    ASSERT_TRUE(front.ok());
    front_ = std::move(*front);
    auto addresses = front_->start();
    ASSERT_TRUE(addresses.ok()) << addresses.error().message;
    addresses_ = *addresses;
  }
  void TearDown() override {
    peers_.clear();
    if (front_) stop();
  }
  void stop() {
    std::mutex mutex;
    std::condition_variable stopped;
    bool done = false;
    front_->stop([&](Status) {
      const std::lock_guard lock(mutex);
      done = true;
      stopped.notify_one();
    });
    std::unique_lock lock(mutex);
    ASSERT_TRUE(stopped.wait_for(lock, seconds(10), [&done] { return done; }));
    front_.reset();
  }
  Peer& peer(const std::string& protocol = "http/1.1") {
    auto tls = net::make_tls_client(
        {.ca_pem = certificate_.certificate, .server_name = "localhost", .alpn = {protocol}});
    peers_.push_back(std::make_unique<Peer>(peer_thread_, addresses_.https, (*tls)->new_session()));
    return *peers_.back();
  }
  Peer& admin_peer() {
    peers_.push_back(std::make_unique<Peer>(peer_thread_, addresses_.admin, nullptr));
    return *peers_.back();
  }

  HttpConfig config_;
  net::CertificatePem certificate_;
  net::LoopThread first_{"http-0"};
  net::LoopThread second_{"http-1"};
  net::LoopThread peer_thread_{"peer"};
  test::FakeMiddle middle_;
  Metrics metrics_;
  Environment environment_{peer_thread_.loop(), system_clock(), system_random(), null_log(),
                           metrics_};
  HttpAddresses addresses_;
  std::unique_ptr<HttpFront> front_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

TEST_F(HttpFrontTest, Sends_over_tls_are_answered_on_a_connection_that_stays) {
  start();
  Peer& one = peer();
  one.say(send_to_all());
  EXPECT_NE(one.hear("\"code\":0").find("HTTP/1.1 200 OK"), std::string::npos);
  one.say("GET /v1/messages/zz HTTP/1.1\r\nHost: x\r\nAuthorization: key=secret-1\r\n\r\n");
  EXPECT_NE(one.hear("not_found").find("HTTP/1.1 404 Not Found"), std::string::npos);
}

TEST_F(HttpFrontTest, Client_that_offers_the_oldest_protocol_alone_is_served) {
  start();
  Peer& one = peer("http/1.0");
  one.say("GET /v1/messages/zz HTTP/1.0\r\nAuthorization: key=secret-1\r\n\r\n");
  EXPECT_NE(one.hear("not_found").find("404 Not Found"), std::string::npos);
}

TEST_F(HttpFrontTest, Both_loops_serve_one_port) {
  start();
  for (int i = 0; i < 20; ++i) {
    Peer& one = peer();
    one.say(send_to_all());
    EXPECT_NE(one.hear("\"code\":0").find("200 OK"), std::string::npos);
  }
}

TEST_F(HttpFrontTest, Admin_shows_metrics_in_plain) {
  start();
  Peer& one = admin_peer();
  one.say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(one.hear("longwire_http_connections").find("200 OK"), std::string::npos);
}

TEST_F(HttpFrontTest, Empty_admin_address_is_no_admin) {
  config_.admin_listen = "";
  start();
  EXPECT_EQ(addresses_.admin.port, 0);
}

TEST_F(HttpFrontTest, Empty_address_is_the_admin_alone) {
  config_.listen = "";
  start();
  EXPECT_EQ(addresses_.https.port, 0);
  Peer& one = admin_peer();
  one.say("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(one.hear("ready").find("200 OK"), std::string::npos);
  stop();
  EXPECT_TRUE(one.closes());
}

TEST_F(HttpFrontTest, Stop_ends_idle_connections) {
  start();
  Peer& one = peer();
  one.say(send_to_all());
  one.hear("\"code\":0");
  stop();
  EXPECT_TRUE(one.closes());
}

TEST_F(HttpFrontTest, Stop_answers_what_runs_and_says_that_it_is_the_last) {
  std::mutex mutex;
  std::condition_variable changed;
  bool asked = false;
  bool may_answer = false;
  middle_.prepare = [&](test::FakeService& service) {
    service.on_send = [&](const middle::SendRequest&) -> Result<middle::SendReply> {
      std::unique_lock lock(mutex);
      asked = true;
      changed.notify_all();
      changed.wait_for(lock, seconds(10), [&] { return may_answer; });
      return test::example_reply();
    };
  };
  config_.stop_timeout = seconds(10);
  start();
  Peer& one = peer();
  one.say(send_to_all());
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, seconds(10), [&] { return asked; }));
  }
  bool done = false;
  front_->stop([&](Status) {
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  may_answer = true;
  changed.notify_all();
  ASSERT_TRUE(changed.wait_for(lock, seconds(10), [&] { return done; }));
  lock.unlock();
  front_.reset();
  EXPECT_NE(one.hear("\"code\":0").find("Connection: close"), std::string::npos);
}

TEST_F(HttpFrontTest, Stop_cuts_what_does_not_end) {
  start();
  Peer& one = peer();
  one.say("GET / HTTP/1.1\r\n");  // half a request
  one.say("Host: x\r\n");
  stop();
  EXPECT_TRUE(one.closes());
}

TEST_F(HttpFrontTest, Connections_of_an_address_are_limited) {
  config_.connections_per_address_max = 1;
  start();
  Peer& one = admin_peer();
  one.say("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  one.hear("ok");
  EXPECT_TRUE(admin_peer().closes());
}

TEST_F(HttpFrontTest, New_certificate_serves_new_connections) {
  start();
  auto renewed = net::make_self_signed({"localhost"}, system_clock().now());
  ASSERT_TRUE(front_->set_certificate(*renewed).ok());
  EXPECT_TRUE(peer().closes());  // it trusts the old one
  certificate_ = *renewed;
  Peer& one = peer();
  one.say(send_to_all());
  EXPECT_NE(one.hear("\"code\":0").find("200 OK"), std::string::npos);
}

TEST_F(HttpFrontTest, Bad_certificate_changes_nothing) {
  start();
  EXPECT_FALSE(front_->set_certificate({}).ok());
  Peer& one = peer();
  one.say(send_to_all());
  EXPECT_NE(one.hear("\"code\":0").find("200 OK"), std::string::npos);
}

TEST_F(HttpFrontTest, Address_that_is_not_ours_is_an_error) {
  config_.listen = "192.0.2.1:0";
  auto front = make_http_front(config_,
                               {.loops = {first_.loop()},
                                .middle = middle_,
                                .domain = "localhost",
                                .certificate = certificate_,
                                .admin = {}},
                               environment_);
  ASSERT_TRUE(front.ok());
  EXPECT_FALSE((*front)->start().ok());
}

}  // namespace
}  // namespace longwire::http
