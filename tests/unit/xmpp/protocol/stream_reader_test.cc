#include "xmpp/protocol/stream_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "xmpp/protocol/namespaces.h"

namespace longwire::xmpp {
namespace {

constexpr std::string_view kHeader =
    "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

class StreamReaderTest : public testing::Test {
 protected:
  // Feeds bytes; answers what came of them: "header", "end", "error:name" or the stanza's
  // name=text.
  std::vector<std::string> feed(std::string_view bytes) {
    std::vector<std::string> events;
    reader_.feed(bytes);
    while (true) {
      const Piece piece = reader_.next(limits_);
      if (piece == Piece::kNone) return events;
      events.push_back(describe(piece));
      if (piece != Piece::kStanza && piece != Piece::kHeader) return events;
    }
  }
  std::string describe(Piece piece) {
    if (piece == Piece::kHeader) return "header";
    if (piece == Piece::kEnd) return "end";
    if (piece == Piece::kError) return "error:" + std::string(stream_error_name(reader_.error()));
    const Element element = reader_.element();
    return std::string(element.name()) + "=" + std::string(element.text());
  }
  std::string error_of(std::string_view bytes) {
    const auto events = feed(bytes);
    return events.empty() ? "" : events.back();
  }

  XmlEngine engine_;
  PieceLimits limits_;
  StreamReader reader_{engine_};
};

TEST_F(StreamReaderTest, header_is_read) {
  EXPECT_EQ(feed(kHeader), std::vector<std::string>{"header"});
  EXPECT_EQ(reader_.header().to, "localhost");
  EXPECT_EQ(reader_.header().version, "1.0");
}

TEST_F(StreamReaderTest, a_namespace_without_end_is_refused) {
  const std::string uri(257, 'u');
  feed(kHeader);
  EXPECT_EQ(error_of("<a xmlns='" + uri + "'/>"), "error:policy-violation");
}

TEST_F(StreamReaderTest, a_namespace_without_end_is_refused_in_a_header) {
  std::string header(kHeader);
  header.insert(header.find(" xmlns="), " xmlns:p='" + std::string(257, 'u') + "'");
  EXPECT_EQ(error_of(header), "error:policy-violation");
}

// A prefix of one byte stands for a namespace of 256, in each of many attributes.
TEST_F(StreamReaderTest, what_a_short_prefix_makes_long_is_bounded) {
  std::string child = "<p:b";
  for (int i = 0; i < 60; ++i) child += " p:a" + std::to_string(i) + "=''";
  child += "/>";
  std::string bomb = "<a xmlns:p='" + std::string(256, 'u') + "'>";
  for (int i = 0; i < 200; ++i) bomb += child;
  feed(kHeader);
  EXPECT_EQ(error_of(bomb + "</a>"), "error:policy-violation");
  EXPECT_LT(engine_.document().capacity_bytes(), 4U * 1024 * 1024);
}

TEST_F(StreamReaderTest, one_byte_at_a_time_reads_the_same) {
  const std::string all =
      std::string(kHeader) +
      "<a>gr\xC3\xBC\xC3\x9F</a> <b x='&lt;>'/><c><![CDATA[]]]]><![CDATA[>]]></c></stream:stream>";
  std::vector<std::string> events;
  for (const char c : all)
    for (auto& event : feed(std::string_view(&c, 1))) events.push_back(event);
  EXPECT_EQ(events,
            (std::vector<std::string>{"header", "a=gr\xC3\xBC\xC3\x9F", "b=", "c=]]>", "end"}));
}

TEST_F(StreamReaderTest, a_declaration_of_another_xml_is_refused) {
  std::string header(kHeader);
  header[header.find("1.0") + 2] = '1';
  EXPECT_EQ(error_of(header), "error:not-well-formed");
}

TEST_F(StreamReaderTest, one_byte_at_a_time_is_refused_the_same) {
  feed(kHeader);
  std::vector<std::string> events;
  for (const char c : std::string_view("<a><b></a>"))
    for (auto& event : feed(std::string_view(&c, 1))) events.push_back(event);
  EXPECT_EQ(events, std::vector<std::string>{"error:not-well-formed"});
}

TEST_F(StreamReaderTest, many_stanzas_in_one_packet) {
  std::string packet(kHeader);
  for (int i = 0; i < 10'000; ++i) packet += "<a>1</a>";
  EXPECT_EQ(feed(packet).size(), 10'001U);
}

TEST_F(StreamReaderTest, input_is_held_and_read_later) {
  feed(kHeader);
  const std::string packet = "<a>1</a><b>2</b><c>3";
  reader_.feed(packet);
  EXPECT_EQ(describe(reader_.next(limits_)), "a=1");
  reader_.hold();
  EXPECT_EQ(feed("</c>"), (std::vector<std::string>{"b=2", "c=3"}));
}

TEST_F(StreamReaderTest, restart_drops_what_came_behind) {
  feed(kHeader);
  const std::string packet = "<starttls/><iq>injected</iq>";
  reader_.feed(packet);
  EXPECT_EQ(describe(reader_.next(limits_)), "starttls=");
  reader_.restart(true);
  EXPECT_EQ(feed(kHeader), std::vector<std::string>{"header"});
}

TEST_F(StreamReaderTest, own_prefixes_of_the_header_hold_for_its_stanzas) {
  feed(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "xmlns:x='urn:x'>");
  StreamReader other(engine_);
  other.feed(kHeader);
  EXPECT_EQ(other.next(limits_), Piece::kHeader);
  reader_.feed("<x:a/>");
  ASSERT_EQ(reader_.next(limits_), Piece::kStanza);
  EXPECT_EQ(reader_.element().ns(), "urn:x");
  EXPECT_EQ(reader_.next(limits_), Piece::kNone);
  other.feed("<x:a/>");
  EXPECT_EQ(other.next(limits_), Piece::kError);
}

TEST_F(StreamReaderTest, headers_of_other_protocols_are_refused) {
  EXPECT_EQ(error_of("<stream:stream xmlns='jabber:client' xmlns:stream='urn:other'>"),
            "error:invalid-namespace");
}

TEST_F(StreamReaderTest, a_header_without_content_namespace_is_refused) {
  EXPECT_EQ(error_of("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>"),
            "error:invalid-namespace");
}

TEST_F(StreamReaderTest, another_prefix_for_streams_is_refused) {
  EXPECT_EQ(error_of("<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>"),
            "error:bad-namespace-prefix");
}

TEST_F(StreamReaderTest, encodings_other_than_utf8_are_refused) {
  EXPECT_EQ(error_of("<?xml version='1.0' encoding='iso-8859-1'?>" +
                     std::string(kHeader.substr(kHeader.find("<stream")))),
            "error:unsupported-encoding");
}

TEST_F(StreamReaderTest, entities_are_refused_in_content_and_attributes) {
  feed(kHeader);
  EXPECT_EQ(error_of("<a>&lol;</a>"), "error:restricted-xml");
  StreamReader header(engine_);
  header.feed(
      "<stream:stream to='&lol;' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'>");
  EXPECT_EQ(header.next(limits_), Piece::kError);
  EXPECT_EQ(header.error(), StreamError::kRestrictedXml);
}

TEST_F(StreamReaderTest, a_processing_instruction_before_the_header_is_refused) {
  EXPECT_EQ(error_of("<?php x?>" + std::string(kHeader.substr(kHeader.find("<stream")))),
            "error:restricted-xml");
}

TEST_F(StreamReaderTest, broken_bytes_are_not_well_formed) {
  for (const std::string_view bad :
       {std::string_view("<a>\xC0\xAF</a>"), std::string_view("<a>\xED\xA0\x80</a>"),
        std::string_view("<a>\xEF\xBF\xBE</a>"), std::string_view("<a>\0</a>", 8),
        std::string_view("<a>\x01</a>"), std::string_view("<a b='\xF5\x80\x80\x80'/>"),
        std::string_view("<a>&#1;</a>"), std::string_view("<a></b>"),
        std::string_view("<a b='1' b='2'/>"), std::string_view("<x:a/>"),
        std::string_view("<a xmlns='urn:a&#10;b'/>"), std::string_view("<a>]]></a>"),
        std::string_view("<\xEF\xBF\xBE/>")}) {
    StreamReader reader(engine_);
    reader.feed(kHeader);
    ASSERT_EQ(reader.next(limits_), Piece::kHeader);
    ASSERT_EQ(reader.next(limits_), Piece::kNone);
    reader.feed(bad);
    EXPECT_EQ(reader.next(limits_), Piece::kError) << bad;
    EXPECT_EQ(reader.error(), StreamError::kNotWellFormed) << bad;
  }
}

TEST_F(StreamReaderTest, an_error_of_one_stream_does_not_touch_another) {
  StreamReader other(engine_);
  other.feed(kHeader);
  ASSERT_EQ(other.next(limits_), Piece::kHeader);
  ASSERT_EQ(other.next(limits_), Piece::kNone);
  feed(kHeader);
  EXPECT_EQ(error_of("<a></b>"), "error:not-well-formed");
  other.feed("<a>1</a>");
  EXPECT_EQ(other.next(limits_), Piece::kStanza);
  EXPECT_EQ(other.element().text(), "1");
}

TEST_F(StreamReaderTest, moves_to_another_loop_in_the_middle_of_a_stanza) {
  feed(kHeader);
  feed("<a>1");
  XmlEngine other_engine;
  StreamReader other(other_engine);
  other.move_in(reader_.move_out());
  other.feed("2</a>");
  ASSERT_EQ(other.next(limits_), Piece::kStanza);
  EXPECT_EQ(other.element().text(), "12");
}

}  // namespace
}  // namespace longwire::xmpp
