// Which rows are worth a copy: those that logins and sends to names read.

#include "middle/registry/hot_rows.h"

#include <gtest/gtest.h>

#include "middle/feed/feed_rows.h"
#include "middle/registry/registry_rows.h"

namespace longwire::middle {
namespace {

const FeedId kFeed("inbox:reg");

TEST(HotRows, What_a_login_or_a_name_reads_is_hot) {
  EXPECT_TRUE(is_hot_row(device_key(DeviceId("d1"))));
  EXPECT_TRUE(is_hot_row(registration_key(RegId("r1"))));
  EXPECT_TRUE(is_hot_row(name_key(NameKind::kAlias, AppId("1"), "bob")));
  EXPECT_TRUE(is_hot_row(name_key(NameKind::kUserAccount, AppId("1"), "bob")));
  EXPECT_TRUE(is_hot_row(cursor_key("r1", kFeed)));
  EXPECT_TRUE(is_hot_row(feed_key(kFeed)));
}

TEST(HotRows, What_is_read_once_or_by_ranges_is_not) {
  EXPECT_FALSE(is_hot_row(entry_key(kFeed, 1)));
  EXPECT_FALSE(is_hot_row(message_key(MessageId{})));
  EXPECT_FALSE(is_hot_row(collapse_key(kFeed, "k")));
  EXPECT_FALSE(is_hot_row(contact_key(Timestamp{1}, DeviceId("d1"))));
  EXPECT_FALSE(is_hot_row(topic_change_key(1, RegId("r1"), Tag("t"))));
  EXPECT_FALSE(is_hot_row(""));
}

}  // namespace
}  // namespace longwire::middle
