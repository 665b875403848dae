#include "middle/model/control.h"

#include <gtest/gtest.h>

namespace longwire::middle {
namespace {

ErrorCode refusal(BytesView bytes) {
  auto change = decode_control(bytes);
  EXPECT_FALSE(change.ok());
  return change.ok() ? ErrorCode::kInternal : change.error().code;
}

TEST(ControlChange, Is_read_back_as_written) {
  for (const ControlKind kind : {ControlKind::kAliasRemoved, ControlKind::kAccountRemoved,
                                 ControlKind::kTagRemoved, ControlKind::kUnregistered}) {
    auto change = decode_control(encode_control({kind, "ann"}));
    ASSERT_TRUE(change.ok());
    EXPECT_EQ(change->kind, kind);
    EXPECT_EQ(change->name, "ann");
  }
}

TEST(ControlChange, Is_stored_as_version_kind_and_name) {
  EXPECT_EQ(encode_control({ControlKind::kTagRemoved, "news"}), Bytes("\x01\x03\x04news"));
}

TEST(ControlChange, Of_a_newer_version_is_unsupported) {
  EXPECT_EQ(refusal("\x02\x03\x04news"), ErrorCode::kUnsupported);
}

TEST(ControlChange, That_is_none_of_ours_is_corrupt) {
  for (const Bytes& bytes :
       {Bytes(), Bytes("\0\x03\x04news", 7), Bytes("\x01"), Bytes("\x01\0\x04news", 7),
        Bytes("\x01\x05\x04news"), Bytes("\x01\x03\x05news"), Bytes("\x01\x03\x04newsX")}) {
    EXPECT_EQ(refusal(bytes), ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace longwire::middle
