// Who connects to a node's port and does not say hello.

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <vector>

#include "base/net/dialer.h"
#include "base/net/loop_thread.h"
#include "daemon/tier/tier_server.h"
#include "tests/unit/daemon_tier/event_log.h"

namespace longwire::daemon {
namespace {

class NoMiddle final : public middle::MiddleTier {
 public:
  void start(Callback<void> done) override { done({}); }
  void stop(Callback<void> done) override { done({}); }
  middle::MiddleLink connect(Executor&, middle::NodeId, middle::FrontEnd*) override { return {}; }
  middle::NodeLink connect_node(Executor&, middle::NodeId, middle::NodeEnd) override { return {}; }
};

class TierStrangersTest : public testing::Test {
 protected:
  ~TierStrangersTest() override {
    loop_.call([this] { server_.reset(); });
  }
  void serve(const TierLimits& limits) {
    auto listener = net::Listener::open(loop_.loop(), {"127.0.0.1", 0}).value();
    address_ = listener->address();
    loop_.call([&] {
      server_ = std::make_unique<TierServer>(
          TierParts{.loop = loop_.loop(),
                    .environment = {loop_.loop(), system_clock(), system_random(), log_, metrics_},
                    .node = {middle_, 16, reports_},
                    .limits = limits});
      server_->start(std::move(listener));
    });
  }
  const net::Descriptor& come_from(const std::string& ip) {
    strangers_.push_back(net::connect_tcp(address_, ip).value());
    return strangers_.back();
  }
  static bool is_hung_up_on(const net::Descriptor& stranger) {
    constexpr int kPatienceMs = 20'000;
    pollfd watched{.fd = stranger.get(), .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, kPatienceMs) != 1) return false;
    char byte = 0;
    return ::read(stranger.get(), &byte, 1) <= 0;
  }

  Metrics metrics_;
  EventLog log_;
  NoMiddle middle_;
  middle::remote::ReportBoard reports_{system_clock()};
  net::LoopThread loop_{"tier"};
  net::Address address_;
  std::unique_ptr<TierServer> server_;
  std::vector<net::Descriptor> strangers_;
};

TEST_F(TierStrangersTest, Those_of_one_address_have_few_places) {
  serve({.strangers_per_address_max = 2});
  for (int i = 0; i < 2; ++i) come_from("127.0.0.2");
  EXPECT_TRUE(is_hung_up_on(come_from("127.0.0.2")));
  EXPECT_NE(log_.wait({"refused peer=127.0.0.2", "have not said hello"}), "");
}

TEST_F(TierStrangersTest, Those_of_all_addresses_have_few_places) {
  serve({.strangers_max = 2});
  for (const char* ip : {"127.0.0.2", "127.0.0.3"}) come_from(ip);
  EXPECT_TRUE(is_hung_up_on(come_from("127.0.0.4")));
  EXPECT_NE(log_.wait({"refused peer=127.0.0.4", "have not said hello"}), "");
}

TEST_F(TierStrangersTest, One_that_does_not_say_hello_in_time_is_hung_up_on) {
  serve(
      {.hello_within = std::chrono::milliseconds(0), .sweep_every = std::chrono::milliseconds(1)});
  EXPECT_TRUE(is_hung_up_on(come_from("127.0.0.2")));
}

}  // namespace
}  // namespace longwire::daemon
