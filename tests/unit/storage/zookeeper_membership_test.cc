// The membership where there is no ZooKeeper: what start() is answered, and the end.

#include "storage/zookeeper/zookeeper_membership.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace longwire::test {
namespace {

namespace zk = storage::zookeeper;

class ZooKeeperMembershipAlone : public testing::Test {
 protected:
  std::future<Status> start(zk::Options options, const char* address = "10.0.0.1:1") {
    const auto promise = std::make_shared<std::promise<Status>>();
    membership_ = zk::make_membership(std::move(options), system_clock(), null_log());
    membership_->start(
        std::make_unique<middle::Member>(middle::Member{address, "life", "1.0"}),
        [](const auto&) { ADD_FAILURE() << "told"; },
        [promise](Status done) { promise->set_value(std::move(done)); });
    return promise->get_future();
  }
  static Error failure(std::future<Status> answer) {
    if (answer.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      return {ErrorCode::kInternal, "no answer"};
    }
    const Status status = answer.get();
    return status.ok() ? Error{ErrorCode::kInternal, "no error"} : status.error();
  }
  // A port of loopback that nobody serves.
  static zk::Options nobody() {
    return {.servers = {"127.0.0.1:1"},
            .path = "/longwire",
            .session_timeout = std::chrono::milliseconds(300)};
  }

  std::unique_ptr<middle::Membership> membership_;
};

TEST_F(ZooKeeperMembershipAlone, Start_is_answered_after_a_lease_that_nobody_is_there) {
  const Error error = failure(start(nobody()));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.message, "no server of zookeeper.servers answers");
}

TEST_F(ZooKeeperMembershipAlone, Configuration_that_cannot_work_is_told_at_once) {
  auto options = nobody();
  options.servers = {"host"};
  const Error error = failure(start(options));
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error.message, "zookeeper.servers: host: must be \"host:port\"");
}

TEST_F(ZooKeeperMembershipAlone, Address_that_cannot_be_a_node_is_told_at_once) {
  const Error error = failure(start(nobody(), "10.0.0.1:1/x"));
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
}

TEST_F(ZooKeeperMembershipAlone, Name_that_nobody_knows_may_be_known_later) {
  auto options = nobody();
  options.servers = {"nobody.invalid:2181"};
  const Error error = failure(start(options));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
}

TEST_F(ZooKeeperMembershipAlone, End_answers_what_was_not) {
  auto options = nobody();
  options.session_timeout = std::chrono::hours(1);
  auto joined = start(options);
  const auto left = std::make_shared<std::promise<Status>>();
  membership_->leave([left](Status done) { left->set_value(std::move(done)); });
  membership_.reset();
  EXPECT_EQ(failure(std::move(joined)).code, ErrorCode::kUnavailable);
  EXPECT_EQ(failure(left->get_future()).code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace longwire::test
