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
  void set(const std::string& resource, int priority, bool available = true,
           bool wants_roster = false, const std::string& node = "n1") {
    SessionPresence presence;
    presence.account = kAlice;
    presence.resource = resource;
    presence.node = NodeId(node);
    presence.available = available;
    presence.priority = static_cast<std::int8_t>(priority);
    presence.wants_roster = wants_roster;
    table_.set(std::move(presence));
  }
  Status open(const std::string& resource, std::size_t resources_max, SessionNumber number = 1) {
    return table_.open({kAlice, resource, NodeId("n1"), resources_max}, number);
  }
  bool remove(const std::string& resource, SessionNumber number) {
    return table_.remove({kAlice, resource, NodeId("n1")}, number);
  }
  std::vector<std::string> chosen(RouteMode mode, const std::string& resource = "") {
    std::vector<std::string> names;
    for (const SessionPresence* session : table_.choose(kAlice, resource, mode)) {
      names.push_back(session->resource);
    }
    return names;
  }
  PresenceTable table_;
};

TEST_F(PresenceTableTest, bare_chat_goes_to_all_of_the_highest_priority) {
  set("phone", 5);
  set("laptop", 5);
  set("tablet", 1);
  set("hidden", 9, false);
  EXPECT_THAT(chosen(RouteMode::kBareChat), ElementsAre("phone", "laptop"));
}

TEST_F(PresenceTableTest, bare_chat_never_goes_to_a_negative_priority) {
  set("bot", -1);
  EXPECT_THAT(chosen(RouteMode::kBareChat), IsEmpty());
  EXPECT_THAT(chosen(RouteMode::kAllAvailable), ElementsAre("bot"));
}

TEST_F(PresenceTableTest, a_headline_never_goes_to_a_negative_priority) {
  set("bot", -1);
  set("phone", 0);
  set("laptop", 5);
  set("hidden", 9, false);
  EXPECT_THAT(chosen(RouteMode::kAllWelcoming), ElementsAre("phone", "laptop"));
}

TEST_F(PresenceTableTest, a_new_session_has_shown_nothing_yet) {
  set("phone", 5);
  EXPECT_TRUE(open("phone", 1).ok());
  EXPECT_THAT(chosen(RouteMode::kAllAvailable), IsEmpty());
  EXPECT_THAT(chosen(RouteMode::kFullJid, "phone"), ElementsAre("phone"));
}

TEST_F(PresenceTableTest, a_full_jid_reaches_a_session_that_sent_no_presence) {
  set("phone", 0, false);
  EXPECT_THAT(chosen(RouteMode::kFullJid, "phone"), ElementsAre("phone"));
  EXPECT_THAT(chosen(RouteMode::kFullJid, "laptop"), IsEmpty());
}

TEST_F(PresenceTableTest, roster_pushes_go_to_those_who_asked_for_the_roster) {
  set("phone", 0, true, true);
  set("laptop", 0);
  EXPECT_THAT(chosen(RouteMode::kAllInterested), ElementsAre("phone"));
}

TEST_F(PresenceTableTest, a_resource_above_the_limit_is_refused) {
  for (const char* resource : {"a", "b", "c", "d"}) EXPECT_TRUE(open(resource, 4).ok());
  EXPECT_EQ(open("e", 4).error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(open("a", 4).ok());
  EXPECT_TRUE(remove("b", 1));
  EXPECT_TRUE(open("e", 4).ok());
}

TEST_F(PresenceTableTest, the_end_of_a_replaced_session_leaves_the_one_that_replaced_it) {
  EXPECT_TRUE(open("phone", 4, 1).ok());
  EXPECT_TRUE(open("phone", 4, 2).ok());
  EXPECT_FALSE(remove("phone", 1));
  EXPECT_THAT(chosen(RouteMode::kFullJid, "phone"), ElementsAre("phone"));
  EXPECT_TRUE(remove("phone", 2));
  EXPECT_EQ(table_.accounts(), 0U);
}

TEST_F(PresenceTableTest, what_a_replaced_session_shows_late_counts_for_nothing) {
  EXPECT_TRUE(open("phone", 4, 2).ok());
  set("phone", 5);  // of a session without number
  EXPECT_THAT(chosen(RouteMode::kAllAvailable), IsEmpty());
}

TEST_F(PresenceTableTest, a_node_that_is_gone_takes_its_sessions_with_it) {
  set("phone", 0, true, false, "n1");
  set("laptop", 0, true, false, "n2");
  table_.node_gone(NodeId("n1"));
  EXPECT_THAT(chosen(RouteMode::kAllAvailable), ElementsAre("laptop"));
}

}  // namespace
}  // namespace longwire::middle
