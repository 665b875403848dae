#include "channels/push/entry_template.h"

#include <gtest/gtest.h>

#include <limits>

#include "channels/codec/compact.h"
#include "channels/idl/push_types.h"

namespace longwire::channels {
namespace {

const middle::FeedId kFeed("topic:1:news");

std::shared_ptr<middle::Entry> entry(middle::FeedNumber number) {
  auto made = std::make_shared<middle::Entry>();
  made->number = number;
  made->body = Bytes(300, 'b');
  return made;
}

Bytes frame_of(const EntryTemplate& made, const std::string& registration) {
  Bytes frame;
  append_push_prefix(registration, frame);
  frame += made.middle + Bytes(made.entry->body.size() + kSealTagBytes, 'x');
  append_push_suffix(frame);
  return frame;
}

wire::Push decoded(const EntryTemplate& made) {
  return decode_compact<wire::ServerFrame>(frame_of(made, "r"), kFromServer)->push;
}

// What the generated code writes for the same push.
TEST(EntryTemplate, has_the_bytes_of_the_generated_code) {
  auto whole = entry(7);
  whole->accepted = {1'767'225'600'000};
  whole->expires = {1'767'225'601'000};
  whole->via = middle::TargetKind::kTopic;
  whole->via_name = "news";
  whole->collapse_key = "k";
  const Bytes frame =
      frame_of(make_entry_template(whole, kFeed, SealCipher::kChaCha20Poly1305), "reg");
  auto push = decode_compact<wire::ServerFrame>(frame, kFromServer);
  ASSERT_TRUE(push.ok());
  EXPECT_EQ(encode_compact(*push), frame);
  EXPECT_EQ(push->push.accepted_ms, 1'767'225'600'000);
  EXPECT_EQ(push->push.cipher, wire::Cipher::CHACHA20_POLY1305);
}

TEST(EntryTemplate, is_right_for_every_kind_of_target_and_size_of_number) {
  using middle::TargetKind;
  for (auto via : {TargetKind::kRegId, TargetKind::kAlias, TargetKind::kUserAccount,
                   TargetKind::kTopic, TargetKind::kAll})
    for (middle::FeedNumber number : {1ull, 63ull, 64ull, 1ull << 40, (1ull << 63) - 1}) {
      auto made = entry(number);
      made->via = via;
      const auto push = decoded(make_entry_template(made, kFeed, SealCipher::kAes128Gcm));
      EXPECT_EQ(push.number, static_cast<std::int64_t>(number));
      EXPECT_EQ(static_cast<int>(push.via), static_cast<int>(via));
      EXPECT_EQ(push.sealed.size(), 316u);
    }
}

TEST(EntryTemplates, give_each_entry_its_own_whatever_slot_it_shares) {
  EntryTemplates templates(SealCipher::kAes128Gcm);
  const auto one = entry(1);
  const auto same_slot = entry(1 + EntryTemplates::kTemplatesMax);
  EXPECT_EQ(decoded(templates.of(one, kFeed)).number, 1);
  EXPECT_EQ(decoded(templates.of(same_slot, kFeed)).number, 65);
  EXPECT_EQ(decoded(templates.of(one, kFeed)).number, 1);
  EXPECT_EQ(decoded(templates.of(one, middle::FeedId("app:1"))).feed, "app:1");
}

}  // namespace
}  // namespace longwire::channels
