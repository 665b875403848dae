// Who is let in at a node's port, who is not, and what the logs of both ends say.

#include "daemon/tier/tier_tls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/net/loop_thread.h"
#include "daemon/tier/net_dialer.h"
#include "daemon/tier/tier_server.h"
#include "middle/remote/message.h"
#include "tests/unit/daemon_tier/event_log.h"

namespace longwire::daemon {
namespace {

constexpr char kCluster[] = "longwire-tier";

// A middle that nobody comes to.
class NoMiddle final : public middle::MiddleTier {
 public:
  void start(Callback<void> done) override { done({}); }
  void stop(Callback<void> done) override { done({}); }
  middle::MiddleLink connect(Executor&, middle::NodeId, middle::FrontEnd*) override { return {}; }
  middle::NodeLink connect_node(Executor&, middle::NodeId, middle::NodeEnd) override {
    ++greetings;
    return {};
  }
  std::atomic<int> greetings = 0;
};

// What a dialled node says.
class Heard final : public middle::cluster::DialListener {
 public:
  void on_bytes(BytesView bytes) override {
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
    changed_.notify_all();
  }
  void on_hung_up() override {
    const std::lock_guard lock(mutex_);
    hung_up_ = true;
    changed_.notify_all();
  }
  bool wait_hung_up() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return hung_up_; });
  }
  bool wait_bytes() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !bytes_.empty(); });
  }
  Bytes bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Bytes bytes_;
  bool hung_up_ = false;
};

// A call without a greeting, which any node answers to whom it has let in.
Bytes some_call() {
  middle::remote::OutgoingMessage message({middle::remote::MessageKind::kCall, "listApps", 1});
  return std::move(message).take();
}

class TierTlsTest : public testing::Test {
 protected:
  ~TierTlsTest() override {
    loop_.call([this] {
      wire_.reset();
      server_.reset();
    });
  }

  static net::CertificatePem authority() {
    return net::make_authority("test", system_clock().now()).value();
  }
  TierTls::Contexts of(const net::CertificatePem& by, const std::string& name) {
    const auto pem = net::make_signed(by, {"front-1", name}, system_clock().now()).value();
    return TierTls::prepare({.certificate_pem = pem.certificate,
                             .private_key_pem = pem.private_key,
                             .authority_pem = by.certificate,
                             .name = name})
        .value();
  }
  void serve() {
    auto listener = net::Listener::open(loop_.loop(), {"127.0.0.1", 0}).value();
    address_ = listener->address().to_string();
    loop_.call([&] {
      server_ = std::make_unique<TierServer>(
          TierParts{loop_.loop(),
                    {loop_.loop(), system_clock(), system_random(), server_log_, metrics_},
                    {middle_, 16, reports_},
                    &server_tls_});
      server_->start(std::move(listener));
    });
  }
  void dial() {
    loop_.call([this] {
      wire_ = dialers_.of(loop_.loop()).dial(address_, heard_);
      wire_->write(some_call());
    });
  }
  // Both ends say why, and nothing came through.
  void expect_refused(std::string_view by_server, std::string_view by_client) {
    serve();
    dial();
    ASSERT_TRUE(heard_.wait_hung_up());
    EXPECT_EQ(heard_.bytes(), "");
    EXPECT_NE(server_log_.wait({"refused peer=127.0.0.1 why=", by_server}), "");
    EXPECT_NE(client_log_.wait({"cannot_reach_node node=" + address_, by_client}), "");
    EXPECT_NE(dialers_.why_not(address_).find(by_client), std::string::npos);
    EXPECT_EQ(middle_.greetings, 0);
  }

  const net::CertificatePem authority_ = authority();
  Metrics metrics_;
  NoMiddle middle_;
  middle::remote::ReportBoard reports_{system_clock()};
  EventLog server_log_;
  EventLog client_log_;
  TierTls server_tls_;
  TierTls client_tls_;
  Heard heard_;
  net::LoopThread loop_{"tier"};
  std::string address_;
  std::unique_ptr<TierServer> server_;
  Dialers dialers_{client_tls_, client_log_, system_clock()};
  std::unique_ptr<middle::remote::Wire> wire_;
};

TEST_F(TierTlsTest, Those_of_one_cluster_are_let_in_by_name) {
  server_tls_.take(of(authority_, kCluster));
  client_tls_.take(of(authority_, kCluster));
  serve();
  dial();
  EXPECT_TRUE(heard_.wait_bytes());
  EXPECT_NE(server_log_.wait({"node_let_in", "name=front-1"}), "");
  EXPECT_EQ(dialers_.why_not(address_), "");
}

TEST_F(TierTlsTest, Another_authority_is_refused_at_both_ends) {
  server_tls_.take(of(authority_, kCluster));
  client_tls_.take(of(authority(), kCluster));
  expect_refused("alert", "certificate verify failed");
}

TEST_F(TierTlsTest, Another_cluster_of_the_authority_is_refused) {
  server_tls_.take(of(authority_, kCluster));
  client_tls_.take(of(authority_, "other-tier"));
  expect_refused("alert", "hostname mismatch");
}

// One that itself asks for the right name: only the node can refuse it.
TEST_F(TierTlsTest, Certificate_for_something_else_is_refused_by_the_node) {
  server_tls_.take(of(authority_, kCluster));
  const auto mail = net::make_signed(authority_, {"mail.example.org"}, system_clock().now());
  client_tls_.take({.server = nullptr,
                    .client = net::make_tls_client({.ca_pem = authority_.certificate,
                                                    .server_name = kCluster,
                                                    .alpn = {},
                                                    .certificate_pem = mail->certificate,
                                                    .private_key_pem = mail->private_key})
                                  .value()});
  expect_refused("hostname mismatch", "alert");
}

TEST_F(TierTlsTest, Plain_one_is_refused_by_a_node_that_wants_TLS) {
  server_tls_.take(of(authority_, kCluster));
  expect_refused("it speaks no TLS: set tier.tls_certificate",
                 "if it wants TLS, set tier.tls_certificate");
}

TEST_F(TierTlsTest, One_that_wants_TLS_is_refused_by_a_plain_node) {
  client_tls_.take(of(authority_, kCluster));
  expect_refused("it speaks TLS, and this node does not: set tier.tls_certificate",
                 "if it speaks no TLS, set tier.tls_certificate");
}

TEST_F(TierTlsTest, Node_that_is_away_is_told_as_such) {
  serve();
  loop_.call([this] { server_.reset(); });
  dial();
  ASSERT_TRUE(heard_.wait_hung_up());
  EXPECT_NE(client_log_.wait({"cannot_reach_node", "nobody listens there"}), "");
}

TEST_F(TierTlsTest, New_certificates_serve_the_connections_that_come_from_then_on) {
  const auto next = authority();
  server_tls_.take(of(authority_, kCluster));
  client_tls_.take(of(next, kCluster));
  serve();
  dial();
  ASSERT_TRUE(heard_.wait_hung_up());
  server_tls_.take(of(next, kCluster));
  dial();
  EXPECT_TRUE(heard_.wait_bytes());
}

TEST(TierTls, Certificate_that_others_would_refuse_is_refused_here) {
  const auto now = system_clock().now();
  const auto authority = net::make_authority("test", now).value();
  const auto prepared = [&](const net::CertificatePem& pem) {
    return TierTls::prepare({.certificate_pem = pem.certificate,
                             .private_key_pem = pem.private_key,
                             .authority_pem = authority.certificate,
                             .name = kCluster});
  };
  EXPECT_TRUE(prepared(net::make_signed(authority, {kCluster}, now).value()).ok());
  EXPECT_FALSE(prepared(net::make_signed(authority, {"front-1"}, now).value()).ok());
  EXPECT_FALSE(prepared(net::make_signed(authority, {kCluster}, {}).value()).ok());
  EXPECT_FALSE(prepared(net::make_self_signed({kCluster}, now).value()).ok());
}

}  // namespace
}  // namespace longwire::daemon
