#include "base/net/proxy_gate.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/base_net/proxy_bytes.h"

namespace longwire::net {
namespace {

class ProxyGateTest : public testing::Test {
 protected:
  void open(ProxyGateLimits limits = {}) {
    gate_.emplace(loop_, Networks::parse({"10.0.0.0/8"}).value(), limits, refused_,
                  [this](Descriptor socket, const Address& peer) {
                    accepted_.push_back(peer.ip);
                    sockets_.push_back(std::move(socket));
                  });
  }
  // The far end of a connection from `ip`.
  Descriptor connect(const std::string& ip) {
    int ends[2] = {};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    gate_->accept(Descriptor(ends[0]), {ip, 1});
    return Descriptor(ends[1]);
  }
  static void say(const Descriptor& end, const Bytes& bytes) {
    EXPECT_EQ(send(end.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  // Once a test.
  void run_until(std::function<bool()> condition) {
    std::function<void()> look = [&] {
      if (condition()) return loop_.stop();
      loop_.post([&] { look(); });
    };
    loop_.post([&] { look(); });
    loop_.run();
  }

  Loop loop_{"test"};
  Counter refused_;
  std::vector<std::string> accepted_;
  std::vector<Descriptor> sockets_;
  std::optional<ProxyGate> gate_;
};

TEST_F(ProxyGateTest, hands_on_who_is_behind_a_proxy_and_what_he_said) {
  open();
  const Descriptor end = connect("10.1.2.3");
  EXPECT_TRUE(accepted_.empty());
  say(end, proxy_header4() + "hello");
  run_until([&] { return !accepted_.empty(); });
  EXPECT_EQ(accepted_.front(), "203.0.113.9");
  char rest[100];
  ASSERT_EQ(recv(sockets_.front().get(), rest, sizeof rest, 0), 5);
  EXPECT_EQ(std::string(rest, 5), "hello");
}

TEST_F(ProxyGateTest, hands_on_at_once_who_is_no_proxy_whatever_he_says) {
  open();
  const Descriptor end = connect("192.0.2.1");
  say(end, proxy_header4());
  ASSERT_EQ(accepted_.size(), 1u);
  EXPECT_EQ(accepted_.front(), "192.0.2.1");
  char said[100];
  EXPECT_EQ(recv(sockets_.front().get(), said, sizeof said, 0), 28);
}

TEST_F(ProxyGateTest, takes_a_proxy_s_own_connection_as_the_proxy_s) {
  open();
  const Descriptor end = connect("10.1.2.3");
  say(end, proxy_header(0x20, 0, ""));
  run_until([&] { return !accepted_.empty(); });
  EXPECT_EQ(accepted_.front(), "10.1.2.3");
}

TEST_F(ProxyGateTest, closes_a_proxy_s_connection_without_a_header) {
  open();
  const Descriptor end = connect("10.1.2.3");
  say(end, "<stream:stream>");
  run_until([&] { return refused_.value() == 1; });
  char said = 0;
  // What was not read makes the end a reset on some sockets.
  EXPECT_LE(recv(end.get(), &said, 1, 0), 0);
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(ProxyGateTest, closes_a_connection_that_ends_within_its_header) {
  open();
  {
    const Descriptor end = connect("10.1.2.3");
    say(end, proxy_header4().substr(0, 20));
  }
  run_until([&] { return refused_.value() == 1; });
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(ProxyGateTest, closes_a_connection_whose_header_does_not_come_in_time) {
  open({.header_timeout = std::chrono::milliseconds(20)});
  const Descriptor silent = connect("10.1.2.3");
  const Descriptor slow = connect("10.1.2.3");
  say(slow, proxy_header4().substr(0, 20));
  run_until([&] { return refused_.value() == 2; });
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(ProxyGateTest, waits_for_so_many_headers_at_once) {
  open({.waiting_max = 2});
  const Descriptor a = connect("10.1.2.3");
  const Descriptor b = connect("10.1.2.3");
  EXPECT_EQ(refused_.value(), 0u);
  const Descriptor c = connect("10.1.2.3");
  EXPECT_EQ(refused_.value(), 1u);
}

TEST_F(ProxyGateTest, closes_what_waits_at_its_end) {
  open();
  const Descriptor end = connect("10.1.2.3");
  gate_.reset();
  char said = 0;
  EXPECT_EQ(recv(end.get(), &said, 1, 0), 0);
}

}  // namespace
}  // namespace longwire::net
