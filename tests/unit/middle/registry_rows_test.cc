// The rows of the registry, and what its lane items say: as stored.

#include "middle/registry/registry_rows.h"

#include <gtest/gtest.h>

#include "middle/registry/registry_lanes.h"

namespace longwire::middle {
namespace {

template <typename Row>
Row again(const Row& row) {
  Row read;
  EXPECT_TRUE(decode(encode(row), read).ok());
  return read;
}

// What is said of it where it is cut short, and where it is of a newer version.
template <typename Row>
void expect_refusals(const Row& row) {
  Bytes bytes = encode(row);
  Row read;
  EXPECT_EQ(decode(bytes.substr(0, bytes.size() - 1), read).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode(bytes + "x", read).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode("", read).error().code, ErrorCode::kCorrupt);
  bytes[0] = 2;
  EXPECT_EQ(decode(bytes, read).error().code, ErrorCode::kUnsupported);
}

DeviceRow device_row() {
  DeviceRow row;
  row.credentials.sha1 = {"salt", 4096, "stored", "server"};
  row.credentials.sha256 = {"salt2", 5000, "stored2", "server2"};
  row.credentials.banned = true;
  row.created = {1000};
  row.last_contact = Timestamp{2000};
  row.session = 300;
  row.registrations = {RegId("r1"), RegId("r2")};
  return row;
}

RegistrationRow registration_row() {
  RegistrationRow row;
  Registration& registration = row.registration;
  registration.id = RegId("r1");
  registration.device = DeviceId("d1");
  registration.app = AppId("1000");
  registration.package = PackageName("org.example");
  registration.secret = Bytes("\0secret", 7);
  registration.app_version = "1.2";
  registration.created = {1000};
  registration.app_since = 9;
  registration.tags = {{Tag("a"), 1, 5, 2, 6}, {Tag("b"), 7, std::nullopt, 8, std::nullopt}};
  registration.aliases = {Alias("ann"), Alias("anna")};
  registration.accounts = {UserAccount("42")};
  row.tag_ended = {{3000}, {0}};
  return row;
}

TEST(DeviceRow, Is_read_back_as_written) {
  const DeviceRow row = again(device_row());
  EXPECT_EQ(row.credentials.sha1.iterations, 4096u);
  EXPECT_EQ(row.credentials.sha256.salt, "salt2");
  EXPECT_EQ(row.credentials.sha256.stored_key, "stored2");
  EXPECT_EQ(row.credentials.sha256.server_key, "server2");
  EXPECT_TRUE(row.credentials.banned);
  EXPECT_EQ(row.created.ms, 1000);
  EXPECT_EQ(row.last_contact, Timestamp{2000});
  EXPECT_EQ(row.session, 300u);
  EXPECT_EQ(row.registrations, (std::vector<RegId>{RegId("r1"), RegId("r2")}));
}

TEST(DeviceRow, Tells_never_from_at_the_beginning_of_time) {
  DeviceRow row = device_row();
  row.last_contact.reset();
  EXPECT_EQ(again(row).last_contact, std::nullopt);
}

TEST(DeviceRow, Damaged_or_newer_is_refused) { expect_refusals(device_row()); }

TEST(RegistrationRow, Is_read_back_as_written) {
  const RegistrationRow row = again(registration_row());
  const Registration& registration = row.registration;
  EXPECT_EQ(registration.id, RegId("r1"));
  EXPECT_EQ(registration.device, DeviceId("d1"));
  EXPECT_EQ(registration.app, AppId("1000"));
  EXPECT_EQ(registration.package, PackageName("org.example"));
  EXPECT_EQ(registration.secret, Bytes("\0secret", 7));
  EXPECT_EQ(registration.app_version, "1.2");
  EXPECT_EQ(registration.created.ms, 1000);
  EXPECT_EQ(registration.app_since, 9u);
  EXPECT_EQ(registration.aliases, (std::vector<Alias>{Alias("ann"), Alias("anna")}));
  EXPECT_EQ(registration.accounts, std::vector<UserAccount>{UserAccount("42")});
}

TEST(RegistrationRow, Keeps_the_intervals_of_its_tags) {
  const RegistrationRow row = again(registration_row());
  ASSERT_EQ(row.registration.tags.size(), 2u);
  const TagInterval& ended = row.registration.tags[0];
  EXPECT_EQ(ended.topic_since, 1u);
  EXPECT_EQ(ended.topic_until, 5u);
  EXPECT_EQ(ended.app_since, 2u);
  EXPECT_EQ(ended.app_until, 6u);
  EXPECT_EQ(row.registration.tags[1].tag, Tag("b"));
  EXPECT_EQ(row.registration.tags[1].topic_until, std::nullopt);
  EXPECT_EQ(row.tag_ended, (std::vector<Timestamp>{{3000}, {0}}));
}

TEST(RegistrationRow, Damaged_or_newer_is_refused) { expect_refusals(registration_row()); }

TEST(NameRow, Keeps_the_order_of_its_holders) {
  const NameRow row{{RegId("second"), RegId("first")}};
  EXPECT_EQ(again(row).holders, row.holders);
  expect_refusals(row);
}

TEST(TopicChangeRow, Is_read_back_as_written) {
  const TopicChangeRow row{{AppId("1000"), Tag("news"), RegId("r"), false, 3, 8}};
  const TopicChange change = again(row).change;
  EXPECT_EQ(change.app, AppId("1000"));
  EXPECT_EQ(change.tag, Tag("news"));
  EXPECT_EQ(change.registration, RegId("r"));
  EXPECT_FALSE(change.carried);
  EXPECT_EQ(change.since, 3u);
  EXPECT_EQ(change.until, 8u);
  expect_refusals(row);
}

TEST(RegistryKeys, Are_as_documented) {
  EXPECT_EQ(device_key(DeviceId("d1")), "dd1");
  EXPECT_EQ(registration_key(RegId("r1")), "rr1");
  EXPECT_EQ(name_key(NameKind::kAlias, AppId("1000"), "ann"), Bytes("a\x04"
                                                                    "1000ann"));
  EXPECT_EQ(name_key(NameKind::kUserAccount, AppId("1000"), "ann"), Bytes("u\x04"
                                                                          "1000ann"));
  EXPECT_EQ(contact_key({0x0102}, DeviceId("d1")), Bytes("x\0\0\0\0\0\0\x01\x02"
                                                         "d1",
                                                         11));
  EXPECT_EQ(topic_change_key(3, RegId("r"), Tag("t")), Bytes("t\0\0\0\0\0\0\0\x03\x01rt", 12));
}

TEST(NameNotice, Is_read_back_as_written) {
  const NameNotice notice{RegId("r"), {NameKind::kUserAccount, AppId("1000"), "ann"}, false, true};
  const Bytes bytes = encode_lane(notice);
  EXPECT_EQ(bytes[0], static_cast<char>(LanePayloadKind::kNameNotice));
  NameNotice read;
  ASSERT_TRUE(decode_lane(bytes, read).ok());
  EXPECT_EQ(read.registration, notice.registration);
  EXPECT_EQ(read.name.kind, NameKind::kUserAccount);
  EXPECT_EQ(read.name.app, AppId("1000"));
  EXPECT_EQ(read.name.name, "ann");
  EXPECT_FALSE(read.carried);
  EXPECT_TRUE(read.evicted);
}

TEST(DropHolder, Is_read_back_as_written) {
  const Bytes bytes = encode_lane(DropHolder{{NameKind::kAlias, AppId("1000"), "ann"}, RegId("r")});
  EXPECT_EQ(bytes[0], static_cast<char>(LanePayloadKind::kDropHolder));
  DropHolder read;
  ASSERT_TRUE(decode_lane(bytes, read).ok());
  EXPECT_EQ(read.holder, RegId("r"));
  EXPECT_EQ(read.name.name, "ann");
}

TEST(DropHolder, Of_a_newer_version_is_refused) {
  Bytes bytes = encode_lane(DropHolder{{NameKind::kAlias, AppId("1000"), "ann"}, RegId("r")});
  bytes[1] = 2;
  DropHolder read;
  EXPECT_EQ(decode_lane(bytes, read).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace longwire::middle
