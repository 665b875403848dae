#include "middle/core/session_table.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace longwire::middle {
namespace {

const XmppAccount kAnn("ann");

class SessionTableRules : public ::testing::Test {
 public:
  static LiveSession session(const char* resource, const char* node, SessionNumber number) {
    return {resource, NodeId(node), number};
  }
  std::vector<LiveSession> open(const LiveSession& opened) { return table.open(kAnn, opened); }
  SessionTable table;
  const XmppAccount phone{make_device_id(system_random()).value()};
};

TEST_F(SessionTableRules, A_device_replaces_its_older_sessions) {
  table.open(phone, session("a", "one", 1));
  const auto older = table.open(phone, session("b", "two", 2));
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].number, 1u);
  EXPECT_EQ(table.of(phone).size(), 1u);
}

TEST_F(SessionTableRules, A_late_session_does_not_replace_a_newer_one) {
  table.open(phone, session("a", "two", 2));
  EXPECT_TRUE(table.open(phone, session("a", "one", 1)).empty());
}

TEST_F(SessionTableRules, A_user_has_one_session_per_resource) {
  open(session("desk", "one", 1));
  EXPECT_TRUE(open(session("laptop", "one", 2)).empty());
  const auto older = open(session("desk", "two", 3));
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].node, NodeId("one"));
  EXPECT_EQ(table.of(kAnn).size(), 2u);
}

TEST_F(SessionTableRules, Closing_an_older_session_leaves_the_newer_of_its_resource) {
  for (const char* node : {"one", "two"}) {
    SCOPED_TRACE(node);
    open(session("desk", "one", 1));
    open(session("desk", node, 2));
    table.close(kAnn, session("desk", "one", 1));
    EXPECT_TRUE(table.online(kAnn));
    table.close(kAnn, session("desk", node, 2));
    EXPECT_FALSE(table.online(kAnn));
  }
}

TEST_F(SessionTableRules, Numbers_of_users_rise_also_where_the_clock_goes_back) {
  EXPECT_EQ(table.next_number(Timestamp{1'000}), 1'000u);
  EXPECT_EQ(table.next_number(Timestamp{1'000}), 1'001u);
  EXPECT_EQ(table.next_number(Timestamp{10}), 1'002u);
  EXPECT_EQ(table.next_number(Timestamp{2'000}), 2'000u);
}

TEST_F(SessionTableRules, With_a_node_its_sessions_are_gone) {
  open(session("desk", "one", 1));
  open(session("laptop", "two", 2));
  table.open(XmppAccount("bob"), session("desk", "one", 3));
  table.node_gone(NodeId("one"));
  EXPECT_EQ(table.of(kAnn).size(), 1u);
  EXPECT_FALSE(table.online(XmppAccount("bob")));
}

}  // namespace
}  // namespace longwire::middle
