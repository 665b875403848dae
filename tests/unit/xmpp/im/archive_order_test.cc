// Chat that comes twice, or by two ways: at a login, after the end of a node, or of a link to it.

#include <gtest/gtest.h>

#include "tests/unit/xmpp/im/archive_stage.h"

namespace longwire::xmpp {
namespace {

using test::Actor;

class ArchiveOrderTest : public ArchiveReaderTest {
 protected:
  void say_now(int number) {
    if (!stage_.has("romeo")) stage_.log_in("romeo", "romeo", "secret", "r");
    stage_.actor("romeo").send("<message type='chat' to='juliet@localhost'><body>" +
                               std::to_string(number) + "</body></message>");
  }
  // It gets into the archive alone.
  void lose(int number) {
    if (!stage_.has("romeo")) stage_.log_in("romeo", "romeo", "secret", "r");
    stage_.middle.lose_routed(true);
    say_now(number);
    stage_.middle.lose_routed(false);
  }
  // It comes ahead of what the feed then brings.
  void say_in_the_turn_of_the_acknowledgement(int number, Actor& client, std::uint32_t count) {
    say_now(number);
    client.send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(count) + "'/>");
    stage_.settle();
  }
};

TEST_F(ArchiveOrderTest, what_comes_in_the_moment_of_a_login_does_not_overtake_what_waits) {
  say(3);
  Actor& desk = stage_.log_in("desk", "juliet", "secret", "desk");
  desk.send("<presence/>");
  say(3, 3);
  EXPECT_EQ(heard(desk, false), numbers(6));
  say(3, 6);
  EXPECT_EQ(heard(desk, false), (std::vector<int>{6, 7, 8}));
}

TEST_F(ArchiveOrderTest, a_login_while_no_cursor_can_be_read_gets_what_waits_later) {
  say(3);
  stage_.middle.fail_cursors(true);
  Actor& desk = juliet("desk", "<presence/>", false);
  EXPECT_EQ(heard(desk, false), numbers(0));
  stage_.middle.fail_cursors(false);
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(heard(desk, false), numbers(3));
}

// The node that routed the first was killed: the feed brings it, and whose it is has to be asked.
TEST_F(ArchiveOrderTest, what_is_routed_does_not_overtake_what_is_not_decided) {
  Actor& desk = juliet("desk", "<presence/>", false);
  Actor& romeo = stage_.log_in("romeo", "romeo", "secret", "r");
  for (const bool held : {false, true}) {
    stage_.middle.lose_routed(true);
    romeo.send("<message type='chat' to='juliet@localhost'><body>0</body></message>");
    stage_.middle.lose_routed(false);
    stage_.middle.hold_archive(held);
    romeo.send("<message type='chat' to='juliet@localhost'><body>1</body></message>");
    stage_.settle();
    stage_.middle.hold_archive(false);
    stage_.settle();
    EXPECT_EQ(heard(desk, false), numbers(2)) << held;
  }
}

// As after a takeover: the new owner had heard of neither when it came.
TEST_F(ArchiveOrderTest, what_was_routed_to_none_of_two_equals_comes_to_both) {
  Actor& one = juliet("one", "<presence/>", false);
  Actor& two = juliet("two", "<presence/>", false);
  stage_.middle.lose_routed(true);
  say(1);
  stage_.middle.lose_routed(false);
  say(1, 1);
  EXPECT_EQ(heard(one, false), numbers(2));
  EXPECT_EQ(heard(two, false), numbers(2));
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 2U);
}

// What was written to a link in its last moment is lost; the feed is asked for anew.
TEST_F(ArchiveOrderTest, what_is_routed_does_not_overtake_what_was_lost_with_a_link) {
  Actor& desk = juliet("desk", "<presence/>", false);
  stage_.middle.hold_feeds(true);
  lose(0);
  say(1, 1);
  EXPECT_EQ(heard(desk, false), numbers(0));
  stage_.middle.hold_feeds(false);
  stage_.settle();
  EXPECT_EQ(heard(desk, false), numbers(2));
}

TEST_F(ArchiveOrderTest, what_is_routed_does_not_overtake_what_came_while_the_client_was_slow) {
  stage_.config.unacked_stanzas_max = 40;
  std::uint32_t count = 0;
  Actor& desk = juliet("desk", "<presence/>", true);
  say(10);
  EXPECT_EQ(heard(desk, false, &count), numbers(10));
  lose(10);
  stage_.settle();
  say_in_the_turn_of_the_acknowledgement(11, desk, count);
  EXPECT_EQ(heard(desk, true, &count), (std::vector<int>{10, 11}));
}

// It became slow while it was asked whose the message is.
TEST_F(ArchiveOrderTest, what_is_routed_does_not_overtake_what_was_decided_too_late) {
  stage_.config.unacked_stanzas_max = 40;
  std::uint32_t count = 0;
  Actor& desk = juliet("desk", "<presence/>", true);
  say(9);
  EXPECT_EQ(heard(desk, false, &count), numbers(9));
  lose(9);
  stage_.actor("romeo").send(
      "<message type='headline' to='juliet@localhost'><body>0</body>"
      "</message>");
  stage_.settle();
  EXPECT_EQ(heard(desk, false, &count), numbers(1));
  say_in_the_turn_of_the_acknowledgement(10, desk, count);
  EXPECT_EQ(heard(desk, true, &count), (std::vector<int>{9, 10}));
}

// Whoever sent it had no answer: the middle routes it once more.
TEST_F(ArchiveOrderTest, what_is_routed_again_before_it_is_in_the_archive_comes_once) {
  Actor& desk = juliet("desk", "<presence/>", false);
  stage_.middle.hold_archive(true);
  say(1);
  stage_.middle.route_again();
  stage_.middle.hold_archive(false);
  say(1, 1);
  EXPECT_EQ(heard(desk, false), numbers(2));
}

TEST_F(ArchiveOrderTest, what_is_routed_again_when_all_is_done_comes_once) {
  Actor& desk = juliet("desk", "<presence/>", false);
  say(1);
  stage_.pass(std::chrono::seconds(1));
  ASSERT_EQ(stage_.middle.cursor("juliet"), 1U);
  stage_.middle.route_again();
  say(2, 1);
  EXPECT_EQ(heard(desk, false), numbers(3));
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 3U);
}

TEST_F(ArchiveOrderTest, what_is_routed_again_and_was_lost_before_comes_in_order) {
  Actor& desk = juliet("desk", "<presence/>", false);
  stage_.middle.hold_archive(true);
  stage_.middle.lose_routed(true);
  say(1);
  stage_.middle.lose_routed(false);
  stage_.middle.route_again();
  say(1, 1);
  stage_.middle.hold_archive(false);
  stage_.settle();
  EXPECT_EQ(heard(desk, false), numbers(2));
}

}  // namespace
}  // namespace longwire::xmpp
