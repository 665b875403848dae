#include "middle/core/session_table.h"

#include <gtest/gtest.h>

namespace longwire::middle {
namespace {

const XmppAccount kAnn("ann");

class SessionTableRules : public ::testing::Test {
 public:
  static LiveSession session(const char* resource, const char* node, SessionNumber number = 0) {
    return {resource, NodeId(node), number};
  }
  std::vector<LiveSession> open(const LiveSession& opened) { return table.open(kAnn, opened); }
  SessionTable table;
};

TEST_F(SessionTableRules, A_device_replaces_its_older_sessions) {
  open(session("phone", "one", 1));
  const auto older = open(session("phone", "two", 2));
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].number, 1u);
  EXPECT_EQ(table.of(kAnn).size(), 1u);
}

TEST_F(SessionTableRules, A_late_session_does_not_replace_a_newer_one) {
  open(session("phone", "two", 2));
  EXPECT_TRUE(open(session("phone", "one", 1)).empty());
}

TEST_F(SessionTableRules, A_user_has_one_session_per_resource) {
  open(session("desk", "one"));
  EXPECT_TRUE(open(session("laptop", "one")).empty());
  const auto older = open(session("desk", "two"));
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].node, NodeId("one"));
  EXPECT_EQ(table.of(kAnn).size(), 2u);
}

TEST_F(SessionTableRules, A_resource_replaced_on_its_own_node_is_that_nodes_matter) {
  open(session("desk", "one"));
  EXPECT_TRUE(open(session("desk", "one")).empty());
  EXPECT_EQ(table.of(kAnn).size(), 1u);
}

TEST_F(SessionTableRules, Closing_leaves_the_same_resource_on_another_node) {
  open(session("desk", "one"));
  open(session("desk", "two"));
  table.close(kAnn, session("desk", "one"));
  EXPECT_TRUE(table.online(kAnn));
  table.close(kAnn, session("desk", "two"));
  EXPECT_FALSE(table.online(kAnn));
}

TEST_F(SessionTableRules, With_a_node_its_sessions_are_gone) {
  open(session("desk", "one"));
  open(session("laptop", "two"));
  table.open(XmppAccount("bob"), session("desk", "one"));
  table.node_gone(NodeId("one"));
  EXPECT_EQ(table.of(kAnn).size(), 1u);
  EXPECT_FALSE(table.online(XmppAccount("bob")));
}

}  // namespace
}  // namespace longwire::middle
