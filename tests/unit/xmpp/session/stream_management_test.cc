#include "xmpp/session/stream_management.h"

#include <gtest/gtest.h>

namespace longwire::xmpp {
namespace {

middle::MessageId id(std::uint8_t n) {
  middle::MessageId made;
  made.bytes[11] = n;
  return made;
}

TEST(StreamManagement, counts_up_to_the_first_stanza_not_yet_handled) {
  StreamManagement sm;
  for (int i = 0; i < 4; ++i) sm.received();
  sm.handled(2);
  sm.handled(4);
  EXPECT_EQ(sm.handled_count(), 0U);
  sm.handled(1);
  EXPECT_EQ(sm.handled_count(), 2U);
  sm.handled(3);
  EXPECT_EQ(sm.handled_count(), 4U);
}

TEST(StreamManagement, an_answer_waits_for_what_was_received_before_it) {
  StreamManagement sm;
  sm.received();
  sm.ask_answer();
  sm.received();
  EXPECT_FALSE(sm.take_answer());
  sm.handled(1);
  EXPECT_TRUE(sm.take_answer());
  EXPECT_FALSE(sm.take_answer());
}

TEST(StreamManagement, acknowledged_stanzas_are_forgotten_and_named) {
  StreamManagement sm;
  sm.sent("<a/>", id(1));
  sm.sent("<b/>", std::nullopt);
  sm.sent("<c/>", id(3));
  EXPECT_EQ(sm.acknowledged(2), std::vector{id(1)});
  EXPECT_EQ(sm.kept_stanzas(), 1U);
  EXPECT_EQ(sm.kept_bytes(), 4U);
  EXPECT_EQ(sm.acknowledged(3), std::vector{id(3)});
}

TEST(StreamManagement, a_count_above_what_was_sent_is_refused) {
  StreamManagement sm;
  sm.sent("<a/>", std::nullopt);
  EXPECT_FALSE(sm.acknowledged(2).has_value());
  EXPECT_FALSE(sm.goes_back(2));
  EXPECT_TRUE(sm.acknowledged(1).has_value());
  // … and one that goes back as well.
  EXPECT_FALSE(sm.acknowledged(0).has_value());
  EXPECT_TRUE(sm.goes_back(0));
}

TEST(StreamManagement, a_count_is_digits_and_nothing_else) {
  EXPECT_EQ(read_count("0"), 0U);
  EXPECT_EQ(read_count("4294967295"), 4294967295U);
  for (const char* bad : {"", "1x", "0x", "1 ", " 1", "-1", "+1", "4294967296"})
    EXPECT_FALSE(read_count(bad).has_value()) << bad;
}

TEST(StreamManagement, pushes_are_counted_and_not_kept) {
  StreamManagement sm;
  sm.sent_unkept();
  sm.sent_unkept();
  EXPECT_FALSE(sm.wants_request());
  sm.sent("<a/>", std::nullopt);
  sm.sent_unkept();
  EXPECT_EQ(sm.sent_count(), 4U);
  EXPECT_EQ(sm.kept_bytes(), 4U);
  sm.acknowledged(1);
  EXPECT_EQ(sm.resumed(), std::vector<std::string>{"<a/>"});
  // The client counts on from one: the stanza that is sent again is the second.
  EXPECT_EQ(sm.sent_count(), 2U);
  EXPECT_TRUE(sm.acknowledged(2).has_value());
}

TEST(StreamManagement, one_request_at_a_time) {
  StreamManagement sm;
  sm.sent("<a/>", std::nullopt);
  EXPECT_TRUE(sm.wants_request());
  sm.sent("<b/>", std::nullopt);
  EXPECT_FALSE(sm.wants_request());
  sm.acknowledged(1);
  EXPECT_TRUE(sm.wants_request());
}

TEST(StreamManagement, memory_goes_with_the_last_acknowledgement) {
  StreamManagement sm;
  for (int i = 0; i < 10'000; ++i) sm.sent("<a/>", std::nullopt);
  sm.acknowledged(9'999);
  EXPECT_EQ(sm.kept_stanzas(), 1U);
  sm.acknowledged(10'000);
  EXPECT_EQ(sm.kept_bytes(), 0U);
}

}  // namespace
}  // namespace longwire::xmpp
