#include "daemon/control/control_link.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <memory>
#include <utility>

#include "base/log.h"
#include "base/net/loop_thread.h"
#include "daemon/control/control_server.h"

namespace longwire::daemon {
namespace {

// Both ends of one connection: a table that answers, and the link that asks.
class ControlLinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    table_.add("twice", [](const Json& params, Callback<Json> done) {
      done(Json(2 * params.at("n").get<int>()));
    });
    table_.add("silence", [this](const Json&, Callback<Json> done) { kept_ = std::move(done); });
    int ends[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    thread_.call([&] {
      link_ = std::make_unique<ControlLink>(thread_.loop(), net::Descriptor(ends[0]));
      server_ = ControlServer::adopt(thread_.loop(), null_log(), net::Descriptor(ends[1]), table_,
                                     [this] { ended_.set_value(); });
    });
  }
  void TearDown() override {
    thread_.call([this] {
      link_.reset();
      server_.reset();
    });
  }
  void serve() {
    thread_.call([this] { server_->start(); });
  }
  std::future<Result<Json>> ask(const ControlRequest& request) {
    auto answer = std::make_shared<std::promise<Result<Json>>>();  // shared with the callback
    thread_.call([&] {
      link_->call(request, [answer](Result<Json> result) { answer->set_value(std::move(result)); });
    });
    return answer->get_future();
  }

  ControlTable table_;
  Callback<Json> kept_;
  std::promise<void> ended_;
  net::LoopThread thread_{"control"};
  std::unique_ptr<ControlLink> link_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlLinkTest, questions_are_answered_in_order_once_the_other_side_serves) {
  auto first = ask({"twice", {{"n", 1}}});
  auto second = ask({"twice", {{"n", 2}}});
  serve();
  EXPECT_EQ(*first.get(), 2);
  EXPECT_EQ(*second.get(), 4);
}

TEST_F(ControlLinkTest, an_error_is_an_answer) {
  serve();
  const auto answer = ask({"nonsense", Json::object()}).get();
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnsupported);
}

TEST_F(ControlLinkTest, the_end_of_the_other_side_answers_what_waits_and_what_comes) {
  serve();
  auto waiting = ask({"silence", Json::object()});
  thread_.call([this] { server_.reset(); });
  EXPECT_EQ(waiting.get().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(ask({"twice", {{"n", 1}}}).get().error().code, ErrorCode::kUnavailable);
}

TEST_F(ControlLinkTest, the_end_of_the_link_is_told_to_the_other_side) {
  serve();
  thread_.call([this] { link_.reset(); });
  ended_.get_future().wait();
}

}  // namespace
}  // namespace longwire::daemon
