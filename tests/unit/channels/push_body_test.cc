#include "channels/codec/push_body.h"

#include <gtest/gtest.h>

namespace longwire::channels {
namespace {

PushBody full_body() {
  PushBody body;
  body.title = "Title";
  body.description = "Text";
  body.payload = Bytes("\0\xff binary", 9);
  body.extra = {{"a", "1"}, {"b", ""}};
  body.pass_through = true;
  body.notify_type = -1;
  body.notify_id = 2147483647;
  body.packages = {"com.example.one"};
  return body;
}

TEST(PushBody, comes_back_as_it_was) {
  for (const PushBody& body : {PushBody{}, full_body()}) {
    auto decoded = decode_push_body(encode_push_body(body));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, body);
  }
}

TEST(PushBody, has_the_bytes_that_are_stored_for_good) {
  PushBody body;
  body.title = "hi";
  body.notify_id = 1;
  EXPECT_EQ(encode_push_body(body), Bytes("\x18\x02hi\x65\x02\0", 7));
}

TEST(PushBody, is_corrupt_when_bytes_are_missing_or_left_over) {
  const Bytes whole = encode_push_body(full_body());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_push_body(whole.substr(0, size)).ok()) << size;
  EXPECT_FALSE(decode_push_body(whole + "x").ok());
}

TEST(PushBody, is_refused_when_larger_than_any_sender_may_write) {
  PushBody body;
  body.payload = Bytes(64 * 1024, 'x');
  EXPECT_EQ(decode_push_body(encode_push_body(body)).error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace longwire::channels
