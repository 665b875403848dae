// What a hostile client may try, on a whole stream: limits, floods, peers that do not read.

#include <gtest/gtest.h>

#include "tests/script/stage.h"

namespace longwire::xmpp {
namespace {

using test::Actor;
using test::Stage;

constexpr std::string_view kHeader =
    "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

class HostileTest : public testing::Test {
 protected:
  HostileTest() { stage_.add_user("romeo", "secret"); }
  Actor& logged_in(const std::string& resource = "r") {
    return stage_.log_in(resource, "romeo", "secret", resource);
  }
  // The last stream error's name, or "".
  static std::string error_of(Actor& actor) {
    std::string error;
    for (std::string piece = actor.next(); !piece.empty(); piece = actor.next()) {
      if (piece.find("stream:error") == std::string::npos &&
          piece.find("<error xmlns=") == std::string::npos)
        continue;
      const std::size_t at = piece.find('<', 1);
      error = piece.substr(at + 1, piece.find_first_of(" />", at + 1) - at - 1);
    }
    return error;
  }
  Stage stage_;
};

TEST_F(HostileTest, an_endless_header_is_cut) {
  Actor& actor = stage_.connect("x", false);
  actor.send("<stream:stream a='" + std::string(20'000, 'x'));
  EXPECT_EQ(error_of(actor), "policy-violation");
  EXPECT_TRUE(actor.closed_by_server());
}

TEST_F(HostileTest, white_space_without_end_before_login_is_cut) {
  Actor& actor = stage_.connect("x", true);
  actor.send(kHeader);
  for (int i = 0; i < 20 && !actor.closed_by_server(); ++i) actor.send(std::string(4'096, ' '));
  EXPECT_EQ(error_of(actor), "policy-violation");
}

TEST_F(HostileTest, white_space_does_not_extend_the_time_to_log_in) {
  Actor& actor = stage_.connect("x", true);
  actor.send(kHeader);
  for (int i = 0; i < 7; ++i) {
    stage_.pass(std::chrono::seconds(5));
    actor.send(" ");
  }
  EXPECT_EQ(error_of(actor), "connection-timeout");
}

TEST_F(HostileTest, limits_before_login_are_lower_than_after) {
  Actor& actor = stage_.connect("x", true);
  actor.send(kHeader);
  actor.send("<auth><a><b><c><d><e>");
  EXPECT_EQ(error_of(actor), "policy-violation");
  Actor& inside = logged_in();
  inside.send("<message to='romeo@localhost'><a><b><c><d><e/></d></c></b></a></message>");
  EXPECT_FALSE(inside.closed_by_server());
}

TEST_F(HostileTest, depth_and_attributes_without_end_are_cut_after_login) {
  Actor& deep = logged_in("deep");
  std::string tags = "<message>";
  for (int i = 0; i < 1'000; ++i) tags += "<a>";
  deep.send(tags);
  EXPECT_EQ(error_of(deep), "policy-violation");
  Actor& wide = logged_in("wide");
  std::string attributes = "<message";
  for (int i = 0; i < 1'000; ++i) attributes += " a" + std::to_string(i) + "=''";
  wide.send(attributes);
  EXPECT_EQ(error_of(wide), "policy-violation");
}

TEST_F(HostileTest, a_stanza_of_more_than_the_limit_is_cut_before_its_end) {
  Actor& actor = logged_in();
  actor.send("<message><body>");
  for (int i = 0; i < 100 && !actor.closed_by_server(); ++i) actor.send(std::string(4'096, 'x'));
  EXPECT_EQ(error_of(actor), "policy-violation");
}

TEST_F(HostileTest, a_byte_at_a_time_logs_in_all_the_same) {
  Actor& actor = logged_in();
  for (const char c : std::string("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"))
    actor.send(std::string(1, c));
  EXPECT_EQ(actor.next(), "<iq type='result' id='1'/>");
}

TEST_F(HostileTest, failed_attempts_shut_the_address_out) {
  stage_.config.address_failures_max = 3;
  Actor& actor = stage_.connect("x", true);
  actor.send(kHeader);
  for (int i = 0; i < 3; ++i) {
    actor.send(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
        "mechanism='PLAIN'>AHJvbWVvAHdyb25n</auth>");
    stage_.settle();
  }
  actor.send(
      "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
      "mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>");
  stage_.settle();
  EXPECT_EQ(error_of(actor), "policy-violation");
}

TEST_F(HostileTest, a_client_that_never_acknowledges_is_cut_off_and_may_resume) {
  stage_.config.unacked_stanzas_max = 20;
  Actor& actor = logged_in();
  actor.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  for (int i = 0; i < 30; ++i)
    actor.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
  stage_.settle();
  EXPECT_EQ(error_of(actor), "resource-constraint");
  EXPECT_EQ(stage_.host.sessions.size(), 1U);
  stage_.pass(stage_.config.resume_timeout);
  EXPECT_EQ(stage_.host.sessions.size(), 0U);
}

TEST_F(HostileTest, one_that_never_acknowledges_and_cannot_resume_costs_itself_its_session) {
  stage_.config.unacked_stanzas_max = 20;
  Actor& actor = logged_in();
  actor.send("<enable xmlns='urn:xmpp:sm:3'/>");
  for (int i = 0; i < 30; ++i)
    actor.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
  stage_.settle();
  EXPECT_EQ(error_of(actor), "resource-constraint");
  EXPECT_EQ(stage_.host.sessions.size(), 0U);
}

TEST_F(HostileTest, stanzas_under_way_are_limited_by_not_reading) {
  stage_.config.unhandled_stanzas_max = 5;
  Actor& actor = logged_in();
  actor.send("<enable xmlns='urn:xmpp:sm:3'/>");
  stage_.middle.hold_archive(true);
  for (int i = 0; i < 50; ++i)
    actor.send("<message type='chat' to='romeo@localhost'><body>x</body></message>");
  stage_.settle();
  stage_.middle.hold_archive(false);
  EXPECT_LE(stage_.middle.archived("romeo"), 6U);
  stage_.settle();
  EXPECT_EQ(stage_.middle.archived("romeo"), 50U);
}

TEST_F(HostileTest, resources_of_an_account_are_limited) {
  stage_.config.resources_max = 2;
  logged_in("a");
  logged_in("b");
  Actor& third = stage_.log_in("c", "romeo", "secret", "");
  third.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  EXPECT_NE(third.next().find("resource-constraint"), std::string::npos);
}

TEST_F(HostileTest, the_same_resource_again_ends_the_older_session) {
  Actor& older = stage_.log_in("one", "romeo", "secret", "r");
  Actor& newer = stage_.log_in("two", "romeo", "secret", "r");
  EXPECT_EQ(error_of(older), "conflict");
  newer.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_EQ(newer.next(), "<iq type='result' id='1'/>");
}

TEST_F(HostileTest, an_inactive_client_gets_presence_later_and_in_order) {
  Actor& actor = logged_in("r");
  actor.send("<presence/>");
  stage_.settle();
  actor.send("<inactive xmlns='urn:xmpp:csi:0'/>");
  while (!actor.next().empty()) {
  }
  Actor& other = stage_.log_in("o", "romeo", "secret", "o");
  other.send("<presence><show>away</show></presence>");
  other.send("<presence/>");
  stage_.settle();
  EXPECT_EQ(actor.next(), "");
  actor.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_EQ(actor.next(), "<presence from='romeo@localhost/o'/>");
  EXPECT_EQ(actor.next(), "<iq type='result' id='1'/>");
}

TEST_F(HostileTest, connections_that_vanish_in_the_middle_of_a_login_leave_nothing) {
  {
    Actor& actor = stage_.connect("x", true);
    actor.send(kHeader);
    actor.send(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
        "mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>");
    stage_.drop("x");
  }
  {
    Actor& actor = stage_.log_in("y", "romeo", "secret", "");
    actor.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  }
  stage_.settle();
  stage_.drop("y");
  stage_.settle();
  EXPECT_EQ(stage_.host.sessions.size(), 0U);
  EXPECT_EQ(stage_.addresses.addresses(), 0U);
}

TEST_F(HostileTest, a_client_that_leaves_while_it_binds_leaves_no_session_behind) {
  stage_.log_in("y", "romeo", "secret", "");
  // Sent without letting the middle answer.
  stage_.actor("y").send(
      "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  stage_.drop("y");
  stage_.settle();
  EXPECT_EQ(stage_.host.sessions.size(), 0U);
  EXPECT_EQ(stage_.middle.closed_sessions().size(), 1U);
}

}  // namespace
}  // namespace longwire::xmpp
