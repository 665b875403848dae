#include "daemon/workers/front_control.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "base/net/loop_thread.h"

namespace longwire::daemon {
namespace {

class ToldServer final : public xmpp::XmppServer {
 public:
  Result<xmpp::XmppAddresses> start() override { return xmpp::XmppAddresses(); }
  Status set_certificate(const net::CertificatePem&) override { return {}; }
  void drain(const xmpp::XmppDrain& how, Callback<void> done) override {
    told = how;
    done_ = std::move(done);
  }
  void stop(Callback<void>) override {}
  void finish() { std::exchange(done_, nullptr)({}); }

  std::optional<xmpp::XmppDrain> told;

 private:
  Callback<void> done_;
};

class FrontControl : public ::testing::Test {
 protected:
  FrontControl() {
    add_drain_control(table_, {.server = server_,
                               .loop = thread_.loop(),
                               .has_successor = true,
                               .drained = [this] { drained_.set_value(); }});
    add_status_control(table_, metrics_, [this] { return metrics_.render(); });
  }
  std::future<Result<Json>> ask(const std::string& command, const Json& params) {
    auto answer = std::make_shared<std::promise<Result<Json>>>();  // shared with the callback
    thread_.call([&] {
      (*table_.find(command))(params,
                              [answer](Result<Json> r) { answer->set_value(std::move(r)); });
    });
    return answer->get_future();
  }

  ToldServer server_;
  Metrics metrics_;
  ControlTable table_;
  std::promise<void> drained_;
  net::LoopThread thread_{"control"};
};

TEST_F(FrontControl, a_drain_is_answered_and_told_when_nobody_is_left) {
  auto answer = ask("drain", {{"spreadMs", 1500}});
  ASSERT_TRUE(server_.told.has_value());
  EXPECT_EQ(server_.told->spread, std::chrono::milliseconds(1500));
  EXPECT_TRUE(server_.told->come_back);
  server_.finish();
  EXPECT_TRUE(answer.get().ok());
  drained_.get_future().wait();
}

TEST_F(FrontControl, a_second_drain_is_refused) {
  auto first = ask("drain", {{"spreadMs", 0}});
  EXPECT_EQ(ask("drain", {{"spreadMs", 0}}).get().error().code, ErrorCode::kResourceExhausted);
  server_.finish();
  EXPECT_TRUE(first.get().ok());
}

TEST_F(FrontControl, a_spread_has_bounds_and_a_worker_is_not_here) {
  for (const int spread : {-1, 3'600'001}) {
    EXPECT_EQ(ask("drain", {{"spreadMs", spread}}).get().error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(ask("drain", {{"spreadMs", 0}, {"worker", 1}}).get().error().code,
            ErrorCode::kNotFound);
  EXPECT_FALSE(server_.told.has_value());
}

TEST_F(FrontControl, a_status_has_what_a_supervisor_counts) {
  metrics_.gauge("longwire_xmpp_sessions", "").set(5);
  const auto status = ask("status", Json::object()).get();
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->at("sessions"), 5);
  EXPECT_EQ(status->at("connections"), 0);
  EXPECT_NE(status->at("metrics").get<std::string>().find("longwire_xmpp_sessions 5"),
            std::string::npos);
}

}  // namespace
}  // namespace longwire::daemon
