// The forms of ids, and where things live. Home hashes are stored formats: the values here were
// computed by another implementation of XXH64, and must never change.

#include "middle/model/ids.h"

#include <gtest/gtest.h>

#include "tests/unit/middle/fixed_random.h"

namespace longwire::middle {
namespace {

constexpr Timestamp kNow{1'767'225'600'000};
const char kTwentyF[] = "ffffffffffffffffffff";

TEST(MessageId, Is_time_home_and_randomness_in_this_order) {
  FixedRandom random;
  const MessageId id = make_message_id(kNow, 0xabcd, random);
  EXPECT_EQ(id.to_string(), "66ddb6aa002af37fffffffff");
}

TEST(MessageId, Tells_its_time_and_home) {
  FixedRandom random(Bytes("\x12\x34\x56\x78\x9a\xbc\xde\xf0"));
  const MessageId id = make_message_id(kNow, 0xabcd, random);
  EXPECT_EQ(id.time(), kNow);
  EXPECT_EQ(id.home(), 0xabcd);
}

TEST(MessageId, Sorts_by_time) {
  FixedRandom high(Bytes(1, '\xff'));
  FixedRandom low(Bytes(1, '\x01'));
  const MessageId earlier = make_message_id(kNow, 0xffff, high);
  const MessageId later = make_message_id({kNow.ms + 1}, 0, low);
  EXPECT_LT(earlier, later);
}

TEST(MessageId, Is_read_back_from_its_text) {
  FixedRandom random;
  const MessageId id = make_message_id(kNow, 1, random);
  EXPECT_EQ(parse_message_id(id.to_string()), id);
}

TEST(MessageId, Text_of_another_form_is_refused) {
  for (const char* text :
       {"", "66ddb6aa002af37ffffffff", "66ddb6aa002af37fffffffff0", "66DDB6AA002AF37FFFFFFFFF",
        "66ddb6aa002af37fffffffg0", " 66ddb6aa002af37fffffff0"}) {
    EXPECT_FALSE(parse_message_id(text)) << text;
  }
}

TEST(DeviceId, Carries_the_hash_of_its_random_part) {
  FixedRandom random;
  const DeviceId id = make_device_id(random);
  EXPECT_EQ(id.value(), std::string("d844c") + kTwentyF);
  EXPECT_TRUE(is_device_id(id.value()));
  EXPECT_EQ(home_of(id), 0x844c);
}

TEST(DeviceId, Another_localpart_is_none) {
  for (const char* localpart : {"", "ann", "d844cfffffffffffffffffff", "d844cfffffffffffffffffffff",
                                "e844cffffffffffffffffffff", "d844cfffffffffffffffffffF"}) {
    EXPECT_FALSE(is_device_id(localpart)) << localpart;
  }
}

TEST(RegId, Carries_the_home_of_its_device) {
  FixedRandom random;
  const RegId id = make_reg_id(DeviceId(std::string("d1234") + kTwentyF), random);
  EXPECT_EQ(id.value(), "1234____________________");
  EXPECT_EQ(home_of(id), 0x1234);
  EXPECT_EQ(parse_reg_id(id.value()), id);
}

TEST(RegId, Text_of_another_form_is_refused) {
  for (const char* text :
       {"", "1234___________________", "1234_____________________", "12G4____________________",
        "ABCD____________________", "1234___________________+", "1234__________________=="}) {
    EXPECT_FALSE(parse_reg_id(text)) << text;
  }
}

TEST(RegId, A_foreign_name_has_a_home_as_well) { EXPECT_EQ(home_of(RegId("junk")), 0x568); }

TEST(FeedId, Names_and_kinds) {
  const AppId app("1000");
  EXPECT_EQ(inbox_feed(RegId("r")).value(), "inbox:r");
  EXPECT_EQ(topic_feed(app, Tag("a:b")).value(), "topic:1000:a:b");
  EXPECT_EQ(app_feed(app).value(), "app:1000");
  EXPECT_EQ(archive_feed(XmppAccount("ann")).value(), "archive:ann");
  EXPECT_EQ(feed_kind(inbox_feed(RegId("r"))), FeedKind::kInbox);
  EXPECT_EQ(feed_kind(topic_feed(app, Tag("t"))), FeedKind::kTopic);
  EXPECT_EQ(feed_kind(app_feed(app)), FeedKind::kApp);
  EXPECT_EQ(feed_kind(archive_feed(XmppAccount("ann"))), FeedKind::kArchive);
}

TEST(Home, Of_names_is_fixed_for_good) {
  const AppId app("1000");
  EXPECT_EQ(home_of(topic_feed(app, Tag("news"))), 0xd0c4);
  EXPECT_EQ(home_of(app_feed(app)), 0x0710);
  EXPECT_EQ(home_of(XmppAccount("ann")), 0x9ca2);
  EXPECT_EQ(home_of_alias(app, Alias("ann")), 0x1f46);
  EXPECT_EQ(home_of_account(app, UserAccount("ann")), 0x9345);
}

TEST(Home, Of_what_is_a_devices_is_the_devices) {
  const DeviceId device(std::string("d1234") + kTwentyF);
  EXPECT_EQ(home_of(device), 0x1234);
  EXPECT_EQ(home_of(XmppAccount(device.value())), 0x1234);
  EXPECT_EQ(home_of(archive_feed(XmppAccount(device.value()))), 0x1234);
  EXPECT_EQ(home_of(inbox_feed(RegId("1234____________________"))), 0x1234);
}

TEST(Home, Hashes_are_cut_into_equal_ranges) {
  EXPECT_EQ(partition_of(0, 16), 0);
  EXPECT_EQ(partition_of(0x0fff, 16), 0);
  EXPECT_EQ(partition_of(0x1000, 16), 1);
  EXPECT_EQ(partition_of(0xffff, 16), 15);
  EXPECT_EQ(partition_of(0xffff, 1), 0);
  EXPECT_EQ(partition_of(0xffff, 3), 2);
}

}  // namespace
}  // namespace longwire::middle
