#include "daemon/control/control_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "base/log.h"
#include "base/net/loop_thread.h"
#include "daemon/control/control_client.h"

namespace longwire::daemon {
namespace {

// A server on a loop of its own, with a command that adds and one that never answers.
class ControlServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/longwire-control-XXXXXX";
    data_ = ::mkdtemp(pattern);
    table_.add("add", [](const Json& params, Callback<Json> done) {
      done(Json(params.at("a").get<int>() + params.at("b").get<int>()));
    });
    table_.add("silence", [this](const Json&, Callback<Json> done) { kept_ = std::move(done); });
    auto server = ControlServer::open(thread_.loop(), null_log(), data_, table_);
    ASSERT_TRUE(server.ok());
    server_ = std::move(*server);
    thread_.call([this] { server_->start(); });
  }

  void TearDown() override {
    thread_.call([this] { server_.reset(); });
    std::filesystem::remove_all(data_);
  }

  Result<Json> call(const ControlRequest& request) {
    auto client = ControlClient::connect(data_);
    if (!client.ok()) return client.error();
    return (*client)->call(request);
  }

  std::filesystem::path data_;
  ControlTable table_;
  Callback<Json> kept_;
  net::LoopThread thread_{"control"};
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlServerTest, answers_a_command) {
  const auto sum = call({"add", {{"a", 1}, {"b", 2}}});
  ASSERT_TRUE(sum.ok());
  EXPECT_EQ(*sum, 3);
}

TEST_F(ControlServerTest, answers_several_on_one_connection) {
  auto client = ControlClient::connect(data_);
  ASSERT_TRUE(client.ok());
  EXPECT_EQ(*(*client)->call({"add", {{"a", 1}, {"b", 1}}}), 2);
  EXPECT_EQ(*(*client)->call({"add", {{"a", 2}, {"b", 2}}}), 4);
}

TEST_F(ControlServerTest, names_an_unknown_command) {
  EXPECT_EQ(call({"fly", Json::object()}).error().code, ErrorCode::kUnsupported);
}

TEST_F(ControlServerTest, refuses_parameters_of_the_wrong_type) {
  EXPECT_EQ(call({"add", {{"a", "one"}, {"b", 2}}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(call({"add", Json::object()}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ControlServerTest, client_sends_no_text_that_is_not_utf8) {
  EXPECT_EQ(call({"silence", {{"name", "\xff\xfe"}}}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ControlServerTest, socket_is_for_its_owner_only) {
  struct stat status {};
  ASSERT_EQ(::stat(control_socket_path(data_).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ControlServerTest, client_gives_up_after_its_time) {
  auto client = ControlClient::connect(data_);
  ASSERT_TRUE(client.ok());
  const auto outcome = (*client)->call({"silence", Json::object()}, std::chrono::milliseconds(20));
  EXPECT_EQ(outcome.error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(ControlServerTest, answer_to_a_command_that_went_away_is_dropped) {
  {
    auto client = ControlClient::connect(data_);
    ASSERT_TRUE(client.ok());
    (void)(*client)->call({"silence", Json::object()}, std::chrono::milliseconds(20));
  }
  // Served after the loop has seen the first one go.
  ASSERT_TRUE(call({"add", {{"a", 1}, {"b", 2}}}).ok());
  thread_.call([this] { kept_(Json(1)); });
  EXPECT_TRUE(call({"add", {{"a", 1}, {"b", 2}}}).ok());
}

TEST(ControlClient, says_how_to_start_a_server_where_none_runs) {
  const auto client = ControlClient::connect("/tmp/longwire-no-such-directory");
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(client.error().message.find("longwire serve --data"), std::string::npos);
}

}  // namespace
}  // namespace longwire::daemon
