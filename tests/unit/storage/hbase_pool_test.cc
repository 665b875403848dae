// Gateways up and down, without any: what is tried, when, and how often.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "storage/hbase/client_pool.h"
#include "storage/hbase/link.h"
#include "storage/hbase/thrift_connection.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/storage/fake_gateway.h"

namespace longwire::storage::hbase {
namespace {

using std::chrono::milliseconds;
using test::ManualClock;

Options two_gateways() {
  Options options;
  options.gateways = {"a:1", "b:1"};
  options.backoff_min = milliseconds(10);
  options.backoff_max = milliseconds(40);
  return options;
}

TEST(GatewayList, Takes_turns) {
  const Options options = two_gateways();
  ManualClock clock;
  GatewayList list(options, clock, null_log(), unseen_metrics());
  EXPECT_EQ(list.pick().value(), 0u);
  EXPECT_EQ(list.pick().value(), 1u);
  EXPECT_EQ(list.pick().value(), 0u);
}

TEST(GatewayList, Leaves_one_that_fails_again_alone_for_longer_and_longer) {
  const Options options = two_gateways();
  ManualClock clock;
  GatewayList list(options, clock, null_log(), unseen_metrics());
  list.failed(0, refused());  // once is no pause
  list.failed(1, refused());
  EXPECT_TRUE(list.pick().ok());
  for (const int pause : {10, 20, 40, 40}) {
    list.failed(0, refused());
    list.failed(1, refused());
    const auto picked = list.pick();
    ASSERT_FALSE(picked.ok());
    EXPECT_EQ(picked.error().retry_after, milliseconds(pause));
    clock.advance(milliseconds(pause - 1));
    EXPECT_FALSE(list.pick().ok());
    clock.advance(milliseconds(1));
    EXPECT_TRUE(list.pick().ok());
  }
  list.succeeded(1);
  list.failed(0, refused());
  EXPECT_EQ(list.pick().value(), 1u);
  EXPECT_EQ(list.pick().value(), 1u);
}

TEST(GatewayList, One_that_failed_is_left_alone_while_another_serves) {
  const Options options = two_gateways();
  ManualClock clock;
  GatewayList list(options, clock, null_log(), unseen_metrics());
  list.failed(0, refused());
  list.failed(0, refused());
  clock.advance(milliseconds(1000));  // the pause is long over
  EXPECT_EQ(list.pick().value(), 1u);
  EXPECT_EQ(list.pick().value(), 1u);
  list.succeeded(0);
  EXPECT_NE(list.pick().value(), list.pick().value());
}

TEST(Link, Error_that_HBase_answers_with_says_nothing_of_its_gateway) {
  Options options = two_gateways();
  options.connect = [](const std::string&) { return connect_fake(FakeAnswer::kRefused); };
  ManualClock clock;
  Metrics metrics;
  GatewayList list(options, clock, null_log(), metrics);
  Link link(options, list, clock);
  list.failed(0, refused());
  list.failed(1, refused());
  EXPECT_FALSE(link.once([](GatewayConnection& gateway) { return gateway.exists("", ""); }).ok());
  EXPECT_EQ(metrics.gauge("longwire_hbase_gateways_down", "").value(), 2);
}

TEST(Link, Tries_each_gateway_before_it_gives_up) {
  Options options = two_gateways();
  std::vector<std::string> tried;
  options.connect = [&](const std::string& address) -> Result<std::unique_ptr<GatewayConnection>> {
    tried.push_back(address);
    return refused();
  };
  ManualClock clock;
  GatewayList list(options, clock, null_log(), unseen_metrics());
  Link link(options, list, clock);
  EXPECT_FALSE(link.once([](GatewayConnection&) { return Status(); }).ok());
  EXPECT_EQ(tried, (std::vector<std::string>{"a:1", "b:1"}));
}

class LinkAge : public testing::Test {
 protected:
  LinkAge() {
    options_.age_max = milliseconds(100);
    options_.connect =
        [this](const std::string& address) -> Result<std::unique_ptr<GatewayConnection>> {
      if (away_) return refused();
      made_.push_back(address);
      return connect_fake();
    };
  }
  bool call() {
    return link_.once([](GatewayConnection& gateway) { return gateway.exists("", ""); }).ok();
  }

  Options options_ = two_gateways();
  ManualClock clock_;
  GatewayList list_{options_, clock_, null_log(), unseen_metrics()};
  Link link_{options_, list_, clock_};
  bool away_ = false;
  std::vector<std::string> made_;
};

TEST_F(LinkAge, An_old_connection_is_made_anew_to_the_next_in_turn) {
  EXPECT_TRUE(call());
  clock_.advance(milliseconds(100));
  EXPECT_TRUE(call());
  EXPECT_EQ(made_, std::vector<std::string>{"a:1"});
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(call());
  EXPECT_EQ(made_, options_.gateways);
}

TEST_F(LinkAge, Where_no_other_is_to_be_had_the_old_one_goes_on) {
  EXPECT_TRUE(call());
  away_ = true;
  clock_.advance(milliseconds(101));
  EXPECT_TRUE(call());
  EXPECT_EQ(made_, std::vector<std::string>{"a:1"});
}

// Its one thread is busy until release() or the end.
class BusyPool : public testing::Test {
 protected:
  BusyPool() {
    options_.operation_timeout = milliseconds(1);
    pool_ = std::make_unique<ClientPool>(ClientPool::Size{1, 1}, options_, list_, system_clock());
    // One that waits past its timeout for the thread to start is turned away: then another.
    while (!hold()) {
    }
  }
  ~BusyPool() override {
    if (pool_) release_.set_value();
  }
  // Whether the thread is busy with it now.
  bool hold() {
    auto holds = std::make_shared<std::promise<bool>>();
    auto answer = holds->get_future();
    pool_->submit([this, holds](const Result<Link*>& link) {
      holds->set_value(link.ok());
      if (link.ok()) held_.wait();
    });
    return answer.get();
  }
  std::future<bool> submit() {
    auto served = std::make_shared<std::promise<bool>>();
    auto answer = served->get_future();
    pool_->submit([served](const Result<Link*>& link) { served->set_value(link.ok()); });
    return answer;
  }

  Options options_ = two_gateways();
  GatewayList list_{options_, system_clock(), null_log(), unseen_metrics()};
  std::promise<void> release_;
  std::future<void> held_ = release_.get_future();
  std::unique_ptr<ClientPool> pool_;
};

TEST_F(BusyPool, Turns_away_what_has_waited_too_long) { EXPECT_FALSE(submit().get()); }

TEST_F(BusyPool, Turns_away_what_finds_the_queue_full) {
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(submit());
  for (auto& answer : answers) EXPECT_FALSE(answer.get());
}

TEST_F(BusyPool, Answers_all_when_it_ends) {
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(submit());
  release_.set_value();
  pool_.reset();
  for (auto& answer : answers) answer.get();
}

TEST(ThriftConnection, Address_is_host_and_port) {
  for (const std::string address : {"", "host", "host:", ":1", "host:0", "host:70000", "host:1x"}) {
    const auto made = connect_thrift(address, {});
    ASSERT_FALSE(made.ok()) << address;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument) << address;
  }
}

// Accepts, and never says a word.
class SilentGateway {
 public:
  SilentGateway() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    CHECK(::bind(socket_, generic, size) == 0);
    CHECK(::listen(socket_, 1) == 0);
    CHECK(::getsockname(socket_, generic, &size) == 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentGateway() { ::close(socket_); }
  SilentGateway(const SilentGateway&) = delete;
  SilentGateway& operator=(const SilentGateway&) = delete;
  const std::string& address() const { return address_; }

 private:
  const int socket_;
  std::string address_;
};

TEST(ThriftConnection, Gateway_that_never_answers_costs_the_call_timeout_and_its_connection) {
  const SilentGateway gateway;
  ThriftLimits limits;
  limits.call_timeout = milliseconds(20);
  auto connection = connect_thrift(gateway.address(), limits);
  ASSERT_TRUE(connection.ok());
  EXPECT_TRUE((*connection)->usable());
  const auto put = (*connection)->put_if("table", {"row", "h", "", {{"h", "value", 1}}});
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_FALSE((*connection)->usable());
}

}  // namespace
}  // namespace longwire::storage::hbase
