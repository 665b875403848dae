#include "daemon/control/control_frame.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

TEST(ControlFrame, comes_back_as_it_went) {
  Bytes buffer = encode_control_frame({{"a", 1}});
  const auto frame = take_control_frame(buffer, 1024);
  ASSERT_TRUE(frame.ok());
  ASSERT_TRUE(frame->has_value());
  EXPECT_EQ((**frame)["a"], 1);
  EXPECT_TRUE(buffer.empty());
}

TEST(ControlFrame, waits_for_the_rest_at_every_cut) {
  const Bytes whole = encode_control_frame({{"a", 1}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes part = whole.substr(0, size);
    const auto frame = take_control_frame(part, 1024);
    ASSERT_TRUE(frame.ok());
    EXPECT_FALSE(frame->has_value()) << size;
  }
}

TEST(ControlFrame, leaves_what_follows) {
  Bytes buffer = encode_control_frame(Json::array()) + "next";
  ASSERT_TRUE(take_control_frame(buffer, 1024).ok());
  EXPECT_EQ(buffer, "next");
}

TEST(ControlFrame, is_refused_above_its_limit) {
  Bytes buffer = encode_control_frame(std::string(100, 'x'));
  EXPECT_EQ(take_control_frame(buffer, 50).error().code, ErrorCode::kCorrupt);
}

TEST(ControlFrame, is_refused_when_it_is_not_json) {
  Bytes buffer("\0\0\0\2{x", 6);
  EXPECT_EQ(take_control_frame(buffer, 50).error().code, ErrorCode::kCorrupt);
}

TEST(ControlResponse, carries_an_error_with_its_code) {
  const Json document = make_control_response(
      Error{ErrorCode::kNotFound, "no such app", std::chrono::milliseconds(5)});
  const auto response = read_control_response(document);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(response.error().message, "no such app");
  EXPECT_EQ(response.error().retry_after.count(), 5);
}

TEST(ControlRequest, without_command_is_refused) {
  EXPECT_FALSE(read_control_request(Json::object()).ok());
  EXPECT_FALSE(read_control_request(Json::array()).ok());
}

}  // namespace
}  // namespace longwire::daemon
