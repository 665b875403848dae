// What holds of each middle node by itself: how it starts where its directory is late, its limits.

#include <gtest/gtest.h>

#include <optional>

#include "tests/unit/middle/middle_world.h"
#include "tests/unit/middle/refusing_directory.h"

namespace longwire::middle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class OneNodeTest : public MiddleWorld {};

TEST_F(OneNodeTest, A_storm_of_new_accounts_is_bounded_and_told_to_come_again) {
  const CreateDeviceRequest request{app().id, app().key};
  int made = 0;
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    service().create_device(request, [&](Result<CreatedDevice> device) {
      if (device.ok()) return void(++made);
      EXPECT_EQ(device.error().code, ErrorCode::kUnavailable);
      EXPECT_GT(device.error().retry_after, milliseconds(0));
      ++refused;
    });
  }
  executor.run_until_idle();
  EXPECT_EQ(made, 256);
  EXPECT_EQ(refused, 44);
}

// A process whose directory refused once ended at once, and was started anew until it had luck.
class StartTest : public MiddleWorld {
 public:
  void begin(int refusals, ErrorCode why) {
    app();
    crash();
    refusing.refuse(refusals, why);
    middle = reach(config, environment, store, refusing, executor);
    middle->start([this](Status status) { started = std::move(status); });
    link = middle->connect(NodeId("node-1"), front_end);
    executor.run_until_idle();
  }
  RefusingDirectory refusing{*directory, executor};
  std::optional<Status> started;
};

TEST_F(StartTest, A_directory_that_refuses_for_a_while_is_asked_again) {
  begin(3, ErrorCode::kUnavailable);
  EXPECT_FALSE(started);
  const auto early = ask<App>(&Service::find_app_by_secret, secret);
  EXPECT_EQ(early.error().code, ErrorCode::kUnavailable);
  executor.advance(seconds(3));
  ASSERT_TRUE(started && started->ok());
  EXPECT_EQ(refusing.asked, 4);
  EXPECT_TRUE(ask<App>(&Service::find_app_by_secret, secret).ok());
}

TEST_F(StartTest, A_directory_that_refuses_for_good_ends_the_start) {
  begin(1000, ErrorCode::kUnavailable);
  executor.advance(std::chrono::minutes(2));
  ASSERT_TRUE(started);
  EXPECT_EQ(started->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refusing.asked, 11);
}

TEST_F(StartTest, What_no_repeat_mends_is_said_at_once) {
  begin(1, ErrorCode::kCorrupt);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace longwire::middle
