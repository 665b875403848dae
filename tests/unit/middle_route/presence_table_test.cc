#include "middle/route/presence_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longwire::middle {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const XmppAccount kAlice("alice");

class PresenceTableTest : public ::testing::Test {
 protected:
  Status set(const std::string& resource, int priority, bool available = true,
             bool wants_roster = false, const std::string& node = "n1") {
    SessionPresence presence;
    presence.account = kAlice;
    presence.resource = resource;
    presence.node = NodeId(node);
    presence.available = available;
    presence.priority = static_cast<std::int8_t>(priority);
    presence.wants_roster = wants_roster;
    return table_.set(std::move(presence));
  }
  std::vector<std::string> chosen(RouteMode mode, const std::string& resource = "") {
    std::vector<std::string> names;
    for (const SessionPresence* session : table_.choose(kAlice, resource, mode)) {
      names.push_back(session->resource);
    }
    return names;
  }
  PresenceTable table_{4};
};

TEST_F(PresenceTableTest, bare_chat_goes_to_all_of_the_highest_priority) {
  EXPECT_TRUE(set("phone", 5).ok());
  EXPECT_TRUE(set("laptop", 5).ok());
  EXPECT_TRUE(set("tablet", 1).ok());
  EXPECT_TRUE(set("hidden", 9, false).ok());
  EXPECT_THAT(chosen(RouteMode::kBareChat), ElementsAre("phone", "laptop"));
}

TEST_F(PresenceTableTest, bare_chat_never_goes_to_a_negative_priority) {
  EXPECT_TRUE(set("bot", -1).ok());
  EXPECT_THAT(chosen(RouteMode::kBareChat), IsEmpty());
  EXPECT_THAT(chosen(RouteMode::kAllAvailable), ElementsAre("bot"));
}

TEST_F(PresenceTableTest, a_full_jid_reaches_a_session_that_sent_no_presence) {
  EXPECT_TRUE(set("phone", 0, false).ok());
  EXPECT_THAT(chosen(RouteMode::kFullJid, "phone"), ElementsAre("phone"));
  EXPECT_THAT(chosen(RouteMode::kFullJid, "laptop"), IsEmpty());
}

TEST_F(PresenceTableTest, roster_pushes_go_to_those_who_asked_for_the_roster) {
  EXPECT_TRUE(set("phone", 0, true, true).ok());
  EXPECT_TRUE(set("laptop", 0).ok());
  EXPECT_THAT(chosen(RouteMode::kAllInterested), ElementsAre("phone"));
}

TEST_F(PresenceTableTest, a_resource_above_the_limit_is_refused) {
  for (const char* resource : {"a", "b", "c", "d"}) EXPECT_TRUE(set(resource, 0).ok());
  EXPECT_EQ(set("e", 0).error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(set("a", 3).ok());
}

TEST_F(PresenceTableTest, a_session_that_moved_is_not_removed_by_its_old_node) {
  EXPECT_TRUE(set("phone", 0, true, false, "n1").ok());
  EXPECT_TRUE(set("phone", 0, true, false, "n2").ok());
  EXPECT_FALSE(table_.remove(kAlice, "phone", NodeId("n1")));
  EXPECT_TRUE(table_.remove(kAlice, "phone", NodeId("n2")));
  EXPECT_EQ(table_.accounts(), 0U);
}

TEST_F(PresenceTableTest, a_node_that_is_gone_takes_its_sessions_with_it) {
  EXPECT_TRUE(set("phone", 0, true, false, "n1").ok());
  EXPECT_TRUE(set("laptop", 0, true, false, "n2").ok());
  table_.node_gone(NodeId("n1"));
  EXPECT_THAT(chosen(RouteMode::kAllAvailable), ElementsAre("laptop"));
}

}  // namespace
}  // namespace longwire::middle
