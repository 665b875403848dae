// Chat to accounts with several resources, bursts of offline messages, and sessions that come in
// the moment in which a message is accepted.

#include "xmpp/im/archive_reader.h"

#include <gtest/gtest.h>

#include "tests/unit/xmpp/im/archive_stage.h"

namespace longwire::xmpp {
namespace {

using test::Actor;

TEST_F(ArchiveReaderTest, a_flood_of_offline_messages_waits_for_acknowledgements) {
  stage_.config.unacked_stanzas_max = 40;
  say(500);
  Actor& actor = juliet("a", "<presence/>", true);
  EXPECT_EQ(heard(actor, true), numbers(500));
  EXPECT_EQ(stage_.host.sessions.size(), 2U);
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 500U);
}

TEST_F(ArchiveReaderTest, the_preferred_resource_gets_it_and_the_other_does_not) {
  Actor& high = juliet("high", "<presence><priority>5</priority></presence>", false);
  Actor& low = juliet("low", "<presence/>", false);
  say(3);
  EXPECT_EQ(heard(high, false), numbers(3));
  EXPECT_EQ(heard(low, false), numbers(0));
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 3U);
}

TEST_F(ArchiveReaderTest, a_message_alone_moves_the_cursor_at_once) {
  juliet("a", "<presence/>", false);
  say(1);
  EXPECT_EQ(stage_.middle.cursor("juliet"), 1U);
}

TEST_F(ArchiveReaderTest, in_a_flood_every_sixteenth_message_moves_the_cursor) {
  juliet("a", "<presence/>", false);
  say(1);
  say(14, 1);
  EXPECT_EQ(stage_.middle.cursor("juliet"), 1U);
  say(2, 15);
  EXPECT_EQ(stage_.middle.cursor("juliet"), 17U);
  say(1, 17);
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 18U);
}

TEST_F(ArchiveReaderTest, a_lost_link_moves_the_cursor) {
  Actor& actor = juliet("a", "<presence/>", true);
  std::uint32_t count = 0;
  say(1);
  EXPECT_EQ(heard(actor, true, &count), numbers(1));
  say(4, 1);
  EXPECT_EQ(heard(actor, true, &count), (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 1U);
  actor.cut();
  stage_.settle();
  EXPECT_EQ(stage_.middle.cursor("juliet"), 5U);
  EXPECT_EQ(stage_.host.sessions.size(), 2U);  // it may be resumed
}

// Its client may be back elsewhere, and this session is told late.
TEST_F(ArchiveReaderTest, a_number_that_becomes_known_after_a_lost_link_moves_the_cursor) {
  Actor& actor = juliet("a", "<presence/>", true);
  std::uint32_t count = 0;
  say(1);
  EXPECT_EQ(heard(actor, true, &count), numbers(1));
  say(1, 1);
  EXPECT_EQ(heard(actor, true, &count), (std::vector<int>{1}));
  stage_.middle.hold_archive(true);
  say(1, 2);
  EXPECT_EQ(heard(actor, true, &count), (std::vector<int>{2}));
  actor.cut();
  stage_.settle();
  EXPECT_EQ(stage_.middle.cursor("juliet"), 2U);
  stage_.middle.hold_archive(false);
  stage_.pass(std::chrono::seconds(2));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 3U);
}

TEST_F(ArchiveReaderTest, the_end_of_a_session_moves_the_cursor) {
  Actor& actor = juliet("a", "<presence/>", false);
  say(3);
  EXPECT_EQ(stage_.middle.cursor("juliet"), 1U);
  actor.send("</stream:stream>");
  stage_.settle();
  EXPECT_EQ(stage_.middle.cursor("juliet"), 3U);
}

// By its full JID a resource gets chat at any priority, and without having shown presence.
TEST_F(ArchiveReaderTest, what_came_at_a_negative_priority_does_not_come_again) {
  Actor& bot = juliet("bot", "<presence><priority>-1</priority></presence>", true);
  say_to("juliet@localhost/bot", 2);
  EXPECT_EQ(heard(bot, true), numbers(2));
  bot.send("<presence/>");
  stage_.settle();
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(heard(bot, true), numbers(0));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 2U);
}

TEST_F(ArchiveReaderTest, what_is_unacknowledged_at_a_negative_priority_does_not_come_again) {
  Actor& bot = juliet("bot", "", true);
  say_to("juliet@localhost/bot", 2);
  bot.send("<presence/>");
  stage_.settle();
  EXPECT_EQ(heard(bot, false), numbers(2));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 0U);
}

TEST_F(ArchiveReaderTest, a_change_of_priority_does_not_bring_it_again) {
  Actor& bot = juliet("bot", "<presence/>", true);
  say(2);
  bot.send("<presence><priority>-1</priority></presence><presence/>");
  stage_.settle();
  bot.send("<presence type='unavailable'/><presence/>");
  stage_.settle();
  EXPECT_EQ(heard(bot, false), numbers(2));
}

TEST_F(ArchiveReaderTest, what_was_acknowledged_at_a_negative_priority_is_done_at_the_end) {
  Actor& bot = juliet("bot", "<presence><priority>-1</priority></presence>", true);
  say_to("juliet@localhost/bot", 2);
  EXPECT_EQ(heard(bot, true), numbers(2));
  bot.send("</stream:stream>");
  stage_.settle();
  EXPECT_EQ(stage_.middle.cursor("juliet"), 2U);
}

TEST_F(ArchiveReaderTest, equals_get_the_same) {
  Actor& one = juliet("one", "<presence/>", false);
  Actor& two = juliet("two", "<presence/>", false);
  say(3);
  EXPECT_EQ(heard(one, false), numbers(3));
  EXPECT_EQ(heard(two, false), numbers(3));
}

TEST_F(ArchiveReaderTest, unacknowledged_messages_come_again_at_the_next_login) {
  Actor& actor = juliet("a", "<presence/>", true);
  say(3);
  EXPECT_EQ(heard(actor, false), numbers(3));
  actor.cut();
  stage_.pass(stage_.config.resume_timeout + std::chrono::seconds(1));
  EXPECT_EQ(stage_.host.sessions.size(), 1U);
  EXPECT_EQ(heard(juliet("a", "<presence/>", true), true), numbers(3));
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(heard(juliet("b", "<presence/>", true), true), numbers(0));
}

TEST_F(ArchiveReaderTest, what_is_accepted_while_a_session_comes_is_not_missed) {
  stage_.log_in("romeo", "romeo", "secret", "r");
  stage_.middle.hold_archive(true);
  say(2);
  Actor& actor = juliet("a", "<presence/>", false);
  stage_.middle.hold_archive(false);
  stage_.settle();
  EXPECT_EQ(heard(actor, false), numbers(2));
}

TEST_F(ArchiveReaderTest, what_was_written_before_its_number_was_known_does_not_come_again) {
  Actor& actor = juliet("a", "<presence/>", false);
  stage_.log_in("romeo", "romeo", "secret", "r");
  stage_.middle.hold_archive(true);
  say(2);
  EXPECT_EQ(heard(actor, false), numbers(2));
  actor.cut();
  stage_.settle();
  stage_.middle.hold_archive(false);
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 2U);
}

// The second count comes while the move for the first is under way.
TEST_F(ArchiveReaderTest, what_is_acknowledged_with_the_last_words_does_not_come_again) {
  Actor& actor = juliet("a", "<presence/>", true);
  say(3);
  EXPECT_EQ(heard(actor, false), numbers(3));
  actor.send("<a xmlns='urn:xmpp:sm:3' h='2'/><a xmlns='urn:xmpp:sm:3' h='4'/></stream:stream>");
  stage_.settle();
  EXPECT_EQ(stage_.middle.cursor("juliet"), 3U);
}

TEST_F(ArchiveReaderTest, an_ended_session_is_settled_from_where_its_cursor_stood) {
  Actor& actor = juliet("a", "<presence/>", false);
  say(2);
  stage_.pass(std::chrono::seconds(1));  // the moves are paced
  EXPECT_EQ(stage_.middle.cursor("juliet"), 2U);
  stage_.middle.hold_archive(true);
  say(1, 2);
  EXPECT_EQ(heard(actor, false), numbers(3));
  actor.cut();
  stage_.settle();
  stage_.middle.hold_archive(false);
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 3U);
}

TEST_F(ArchiveReaderTest, a_resumed_session_gets_each_once_and_in_order) {
  Actor& actor = juliet("a", "<presence/>", true);
  std::string name;
  for (std::string piece = actor.next(); !piece.empty(); piece = actor.next())
    if (const std::size_t at = piece.find(" id='"); piece.substr(0, 8) == "<enabled")
      name = piece.substr(at + 5, piece.find('\'', at + 5) - at - 5);
  say(2);
  std::uint32_t count = 1;  // its presence
  EXPECT_EQ(heard(actor, true, &count), numbers(2));
  actor.cut();
  say(3, 2);
  Actor& again = stage_.log_in("again", "juliet", "secret", "");
  again.send("<resume xmlns='urn:xmpp:sm:3' previd='" + name + "' h='" + std::to_string(count) +
             "'/>");
  stage_.settle();
  EXPECT_EQ(heard(again, true, &count), (std::vector<int>{2, 3, 4}));
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 5U);
}

// XEP-0198 section 5, RFC 6121 section 8.5.3: at the expiry it is treated as if just sent.
TEST_F(ArchiveReaderTest, what_a_lost_session_did_not_get_goes_to_those_that_are_left) {
  Actor& phone = juliet("phone", "<presence><priority>5</priority></presence>", true);
  Actor& desk = juliet("desk", "<presence/>", true);
  phone.cut();
  say(2);
  std::uint32_t count = 0;
  EXPECT_EQ(heard(desk, true, &count), numbers(0));
  stage_.pass(stage_.config.resume_timeout + std::chrono::seconds(1));
  say(3, 2);
  EXPECT_EQ(heard(desk, true, &count), numbers(5));
  desk.send("</stream:stream>");
  stage_.settle();
  EXPECT_EQ(stage_.middle.cursor("juliet"), 5U);
  EXPECT_EQ(heard(juliet("desk", "<presence/>", false), false), numbers(0));
}

TEST_F(ArchiveReaderTest, of_those_that_are_left_the_preferred_one_gets_it) {
  Actor& phone = juliet("phone", "<presence><priority>5</priority></presence>", true);
  Actor& laptop = juliet("laptop", "<presence><priority>3</priority></presence>", false);
  Actor& desk = juliet("desk", "<presence/>", false);
  phone.cut();
  say(2);
  stage_.pass(stage_.config.resume_timeout + std::chrono::seconds(1));
  EXPECT_EQ(heard(laptop, false), numbers(2));
  EXPECT_EQ(heard(desk, false), numbers(0));
}

TEST_F(ArchiveReaderTest, of_those_that_are_left_equals_get_the_same) {
  Actor& phone = juliet("phone", "<presence><priority>5</priority></presence>", true);
  Actor& laptop = juliet("laptop", "<presence/>", true);
  Actor& desk = juliet("desk", "<presence/>", true);
  phone.cut();
  say(2);
  stage_.pass(stage_.config.resume_timeout + std::chrono::seconds(1));
  EXPECT_EQ(heard(laptop, false), numbers(2));
  EXPECT_EQ(heard(desk, false), numbers(2));
}

TEST_F(ArchiveReaderTest, what_a_session_had_acknowledged_is_nobody_elses_at_its_end) {
  Actor& phone = juliet("phone", "<presence><priority>5</priority></presence>", true);
  Actor& desk = juliet("desk", "<presence/>", true);
  say(3);
  EXPECT_EQ(heard(phone, false), numbers(3));
  phone.send("<a xmlns='urn:xmpp:sm:3' h='4'/></stream:stream>");
  stage_.settle();
  EXPECT_EQ(heard(desk, true), (std::vector<int>{2}));
}

TEST_F(ArchiveReaderTest, what_a_session_has_that_takes_no_chat_any_more_goes_to_the_others) {
  Actor& phone = juliet("phone", "<presence><priority>5</priority></presence>", true);
  Actor& desk = juliet("desk", "<presence/>", true);
  say(2);
  phone.send("<presence><priority>-1</priority></presence>");
  stage_.settle();
  EXPECT_EQ(heard(desk, true), numbers(2));
}

TEST_F(ArchiveReaderTest, a_flood_that_a_lost_session_did_not_get_waits_for_acknowledgements) {
  stage_.config.unacked_stanzas_max = 40;
  Actor& phone = juliet("phone", "<presence><priority>5</priority></presence>", true);
  Actor& desk = juliet("desk", "<presence/>", true);
  phone.cut();
  say(100);
  stage_.pass(stage_.config.resume_timeout + std::chrono::seconds(1));
  EXPECT_EQ(heard(desk, true), numbers(100));
  EXPECT_EQ(stage_.host.sessions.size(), 2U);
}

// A stranger cannot end a session whose client acknowledges.
TEST_F(ArchiveReaderTest, a_flood_of_live_chat_waits_for_acknowledgements) {
  stage_.config.unacked_stanzas_max = 40;
  Actor& actor = juliet("a", "<presence/>", true);
  say(100);
  EXPECT_EQ(heard(actor, true), numbers(100));
  EXPECT_EQ(stage_.host.sessions.size(), 2U);
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 100U);
}

TEST_F(ArchiveReaderTest, large_live_chat_waits_for_acknowledgements) {
  stage_.config.unacked_bytes_max = 8'000;
  Actor& actor = juliet("a", "<presence/>", true);
  const std::string large(1'000, 'x');
  stage_.log_in("romeo", "romeo", "secret", "r");
  for (int i = 0; i < 20; ++i)
    stage_.actor("romeo").send("<message type='chat' to='juliet@localhost'><body>" +
                               std::to_string(i) + large + "</body></message>");
  stage_.settle();
  EXPECT_EQ(heard(actor, true), numbers(20));
  EXPECT_EQ(stage_.host.sessions.size(), 2U);
}

TEST_F(ArchiveReaderTest, equals_get_the_same_though_one_of_them_is_slow) {
  stage_.config.unacked_stanzas_max = 40;
  Actor& fast = juliet("fast", "<presence/>", false);
  Actor& slow = juliet("slow", "<presence/>", true);
  say(100);
  EXPECT_EQ(heard(fast, false), numbers(100));
  EXPECT_EQ(heard(slow, true), numbers(100));
}

TEST_F(ArchiveReaderTest, what_cannot_wait_is_dropped_or_refused_while_much_is_unacknowledged) {
  stage_.config.unacked_stanzas_max = 40;
  Actor& actor = juliet("a", "<presence/>", true);
  Actor& romeo = stage_.log_in("romeo", "romeo", "secret", "r");
  for (int i = 0; i < 100; ++i)
    romeo.send(
        "<message to='juliet@localhost/a' type='chat'><composing xmlns='x'/></message>"
        "<message to='juliet@localhost' type='headline'><body>1</body></message>"
        "<presence to='juliet@localhost/a'/>"
        "<iq to='juliet@localhost/a' type='result' id='n'/>");
  stage_.settle();
  romeo.send("<iq to='juliet@localhost/a' type='get' id='q'><query xmlns='x'/></iq>");
  stage_.settle();
  EXPECT_NE(romeo.next().find("resource-constraint"), std::string::npos);
  EXPECT_EQ(stage_.host.sessions.size(), 2U);
  EXPECT_FALSE(actor.closed_by_server());
}

// RFC 6121 section 8.5.3.1: what is for one resource is for no other while it is connected.
TEST_F(ArchiveReaderTest, what_is_for_one_resource_comes_to_no_other) {
  Actor& bot = juliet("bot", "<presence><priority>-1</priority></presence>", false);
  Actor& silent = juliet("silent", "", false);
  Actor& desk = juliet("desk", "<presence/>", false);
  say_to("juliet@localhost/bot", 2);
  say_to("juliet@localhost/silent", 2, 2);
  EXPECT_EQ(heard(bot, false), numbers(2));
  EXPECT_EQ(heard(silent, false), (std::vector<int>{2, 3}));
  EXPECT_EQ(heard(desk, false), numbers(0));
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 4U);
}

TEST_F(ArchiveReaderTest, what_is_for_one_resource_comes_to_no_other_that_logs_in) {
  Actor& bot = juliet("bot", "<presence><priority>-1</priority></presence>", true);
  say_to("juliet@localhost/bot", 2);
  std::uint32_t count = 0;
  EXPECT_EQ(heard(bot, false, &count), numbers(2));
  Actor& desk = juliet("desk", "<presence/>", true);
  std::uint32_t at_desk = 0;
  EXPECT_EQ(heard(desk, true, &at_desk), numbers(0));
  bot.send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(count) + "'/>");
  say(3, 2);
  EXPECT_EQ(heard(desk, true, &at_desk), (std::vector<int>{2, 3, 4}));
  stage_.pass(std::chrono::seconds(1));
  stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 5U);
}

TEST_F(ArchiveReaderTest, what_was_for_a_resource_that_is_gone_goes_to_the_others) {
  Actor& bot = juliet("bot", "<presence><priority>-1</priority></presence>", true);
  Actor& desk = juliet("desk", "<presence/>", true);
  say_to("juliet@localhost/bot", 2);
  bot.cut();
  std::uint32_t count = 0;
  EXPECT_EQ(heard(desk, true, &count), numbers(0));
  stage_.pass(stage_.config.resume_timeout + std::chrono::seconds(1));
  EXPECT_EQ(heard(desk, true, &count), numbers(2));
}

// Each waits for what the other one has: neither may wait for its next message.
TEST_F(ArchiveReaderTest, two_that_have_what_stands_before_each_other_move_the_cursor) {
  Actor& bot = juliet("bot", "<presence><priority>-1</priority></presence>", true);
  Actor& desk = juliet("desk", "<presence/>", true);
  for (int i = 0; i < 6; ++i)
    say_to(i % 2 == 0 ? "juliet@localhost/bot" : "juliet@localhost", 1, i);
  EXPECT_EQ(heard(desk, true), (std::vector<int>{1, 3, 5}));
  EXPECT_EQ(heard(bot, true), (std::vector<int>{0, 2, 4}));
  for (int i = 0; i < 6; ++i) stage_.pass(std::chrono::seconds(1));
  EXPECT_EQ(stage_.middle.cursor("juliet"), 6U);
}

// RFC 6120 section 10.1.
TEST_F(ArchiveReaderTest, chat_to_a_resource_that_is_gone_keeps_its_order) {
  Actor& desk = juliet("desk", "<presence/>", false);
  Actor& romeo = stage_.log_in("romeo", "romeo", "secret", "r");
  for (int i = 0; i < 6; ++i)
    romeo.send(std::string("<message type='chat' to='juliet@localhost") +
               (i % 2 == 0 ? "/gone" : "") + "'><body>" + std::to_string(i) + "</body></message>");
  stage_.settle();
  EXPECT_EQ(heard(desk, false), numbers(6));
}

}  // namespace
}  // namespace longwire::xmpp
