// What a roster may hold.

#include "xmpp/im/roster.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/script/stage.h"

namespace longwire::xmpp {
namespace {

using test::Actor;
using test::Stage;

class RosterTest : public testing::Test {
 protected:
  RosterTest() {
    stage_.add_user("romeo", "secret");
    stage_.add_user("juliet", "secret");
    stage_.log_in("romeo", "romeo", "secret", "orchard");
    stage_.log_in("juliet", "juliet", "secret", "balcony");
  }
  // All that comes back.
  std::string say(const std::string& actor, const std::string& stanza) {
    stage_.actor(actor).send(stanza);
    stage_.settle();
    std::string all;
    while (true) {
      const std::string piece = stage_.actor(actor).next();
      if (piece.empty()) return all;
      all.append(piece);
    }
  }
  // "result", or the error's name.
  std::string set(const std::string& item) {
    const std::string all = say(
        "romeo", "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>" + item + "</query></iq>");
    for (const char* error : {"not-acceptable", "resource-constraint"})
      if (all.find(error) != std::string::npos) return error;
    return all.find("type='result'") != std::string::npos ? "result" : all;
  }
  static std::string item(const std::string& contact, std::size_t name_bytes,
                          int groups_of_1000_bytes = 0) {
    std::string out = "<item jid='" + contact + "@localhost' name='";
    out.append(std::string(name_bytes, 'n')).append("'>");
    for (int i = 0; i < groups_of_1000_bytes; ++i)
      out.append("<group>" + std::to_string(i) + std::string(999, 'g') + "</group>");
    return out.append("</item>");
  }
  middle::RosterItem stored(const std::string& contact) {
    middle::RosterItem item;
    stage_.service->get_roster_item(
        middle::XmppAccount("romeo"), contact,
        [&item](Result<std::optional<middle::RosterItem>> found) { item = found->value(); });
    stage_.settle();
    return item;
  }
  Stage stage_;
};

TEST_F(RosterTest, an_item_has_a_largest_size) {
  EXPECT_EQ(set(item("juliet", 1'000, 3)), "result");
  EXPECT_EQ(set(item("paris", 100, 4)), "not-acceptable");
}

TEST_F(RosterTest, it_is_bounded_in_bytes_however_they_come) {
  stage_.config.roster_bytes_max = 4'096;
  EXPECT_EQ(set(item("paris", 100, 2)), "result");
  EXPECT_EQ(set(item("tybalt", 100, 2)), "resource-constraint");
  EXPECT_EQ(set(item("tybalt", 100, 1)), "result");
  EXPECT_EQ(set(item("tybalt", 100, 2)), "resource-constraint");
}

TEST_F(RosterTest, a_full_one_can_be_changed_but_not_grow) {
  EXPECT_EQ(set(item("paris", 100, 3)), "result");
  EXPECT_EQ(set(item("juliet", 100, 3)), "result");
  stage_.config.roster_bytes_max = 4'096;
  EXPECT_EQ(set(item("paris", 101, 3)), "resource-constraint");
  EXPECT_EQ(set(item("paris", 99, 3)), "result");
  EXPECT_EQ(say("romeo", "<presence type='subscribe' to='juliet@localhost'/>").find("error"),
            std::string::npos);
}

TEST_F(RosterTest, a_full_one_takes_no_request_by_accepting_it) {
  stage_.config.roster_items_max = 1;
  EXPECT_EQ(set(item("paris", 10)), "result");
  say("juliet", "<presence type='subscribe' to='romeo@localhost'/>");
  const std::string answer = say("romeo", "<presence type='subscribed' to='juliet@localhost'/>");
  EXPECT_NE(answer.find("resource-constraint"), std::string::npos) << answer;
}

TEST_F(RosterTest, what_another_loop_changes_meanwhile_stays) {
  EXPECT_EQ(set(item("paris", 10)), "result");
  middle::RosterItem theirs = stored("paris@localhost");
  theirs.subscription |= kSubscriptionTo;
  stage_.actor("romeo").send(
      "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>"
      "<item jid='paris@localhost' name='ours'/></query></iq>");
  stage_.service->put_roster_item(theirs, [](Result<std::optional<std::uint64_t>>) {});
  stage_.settle();
  const middle::RosterItem both = stored("paris@localhost");
  EXPECT_EQ(both.name, "ours");
  EXPECT_EQ(subscription_name(both.subscription), "to");
}

}  // namespace
}  // namespace longwire::xmpp
