#include "middle/remote/frame_cutter.h"

#include <gtest/gtest.h>

namespace longwire::middle::remote {
namespace {

Bytes frame(const Bytes& message) {
  return ByteWriter().u32(static_cast<std::uint32_t>(message.size())).raw(message).bytes();
}

TEST(FrameCutter, cuts_what_comes_in_pieces_and_together) {
  FrameCutter cutter(100);
  const Bytes all = frame("one") + frame("") + frame("three");
  Bytes seen;
  for (const char byte : all) {
    cutter.feed(Bytes(1, byte));
    for (;;) {
      const auto message = cutter.next();
      ASSERT_TRUE(message.ok());
      if (!*message) break;
      seen.append(**message).append("|");
    }
  }
  EXPECT_EQ(seen, "one||three|");
}

TEST(FrameCutter, a_length_beyond_the_limit_is_an_error_before_its_bytes_come) {
  FrameCutter cutter(100);
  cutter.feed(ByteWriter().u32(101).bytes());
  EXPECT_EQ(cutter.next().error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace longwire::middle::remote
