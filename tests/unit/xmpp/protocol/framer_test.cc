#include "xmpp/protocol/framer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace longwire::xmpp {
namespace {

constexpr std::string_view kOpen = "<stream:stream xmlns='jabber:client'>";

// Feeds all of `text` and answers the pieces found.
std::vector<Piece> pieces(Framer& framer, std::string_view text, const PieceLimits& limits = {}) {
  std::vector<Piece> found;
  std::size_t position = 0;
  while (true) {
    const Piece piece = framer.scan(text, position, limits);
    if (piece == Piece::kNone) return found;
    found.push_back(piece);
    if (piece == Piece::kError || piece == Piece::kEnd) return found;
  }
}

StreamError error_after_open(std::string_view text, const PieceLimits& limits = {}) {
  Framer framer;
  pieces(framer, kOpen);
  pieces(framer, text, limits);
  return framer.error();
}

TEST(Framer, finds_header_stanzas_and_end) {
  Framer framer;
  EXPECT_EQ(pieces(framer,
                   "<?xml version='1.0'?>\n<stream:stream a='>'> <a/><b><c>x</c></b> "
                   "</stream:stream>"),
            (std::vector{Piece::kHeader, Piece::kStanza, Piece::kStanza, Piece::kEnd}));
}

TEST(Framer, brackets_in_quotes_and_cdata_are_not_markup) {
  Framer framer;
  pieces(framer, kOpen);
  EXPECT_EQ(pieces(framer, "<a b=\"</a>'\"><![CDATA[</a>'\"]]]]></a>"),
            std::vector{Piece::kStanza});
}

TEST(Framer, nothing_but_white_space_between_stanzas) {
  EXPECT_EQ(error_after_open("<a/> \n x<b/>"), StreamError::kBadFormat);
}

TEST(Framer, restricted_xml_is_refused_at_its_second_byte) {
  EXPECT_EQ(error_after_open("<a><!D"), StreamError::kRestrictedXml);
  EXPECT_EQ(error_after_open("<a><!-"), StreamError::kRestrictedXml);
  EXPECT_EQ(error_after_open("<!D"), StreamError::kRestrictedXml);
  EXPECT_EQ(error_after_open("<a><?p"), StreamError::kRestrictedXml);
  EXPECT_EQ(error_after_open("<?xml version='1.0'?>"), StreamError::kRestrictedXml);
  Framer before;
  pieces(before, "<!DOCTYPE x [<!ENTITY a 'b'>]>");
  EXPECT_EQ(before.error(), StreamError::kRestrictedXml);
}

TEST(Framer, limits_hold_while_the_piece_is_still_open) {
  EXPECT_EQ(error_after_open("<a>" + std::string(200, 'x'), {.bytes = 100}),
            StreamError::kPolicyViolation);
  EXPECT_EQ(error_after_open("<a b='" + std::string(200, 'x'), {.bytes = 100}),
            StreamError::kPolicyViolation);
  EXPECT_EQ(error_after_open("<a " + std::string(200, ' '), {.bytes = 100}),
            StreamError::kPolicyViolation);
  EXPECT_EQ(error_after_open("<a><b><c><d", {.depth = 4}), StreamError::kPolicyViolation);
  EXPECT_EQ(error_after_open("<a><b/><b/><b", {.elements = 3}), StreamError::kPolicyViolation);
  EXPECT_EQ(error_after_open("<a b='' c='' d='", {.attributes = 2}), StreamError::kPolicyViolation);
}

TEST(Framer, limits_count_a_piece_not_the_stream) {
  Framer framer;
  pieces(framer, kOpen);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "<a><b/></a> \n";
  EXPECT_EQ(pieces(framer, many, {.bytes = 20, .depth = 3, .elements = 2}).size(), 1000U);
}

TEST(Framer, endless_white_space_between_stanzas_costs_nothing) {
  Framer framer;
  pieces(framer, kOpen);
  pieces(framer, std::string(100'000, ' '), {.bytes = 100});
  EXPECT_TRUE(framer.between_pieces());
  EXPECT_EQ(framer.error(), StreamError::kNone);
}

TEST(Framer, stray_markup_is_not_well_formed) {
  EXPECT_EQ(error_after_open("<a <b>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("<>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("< a>"), StreamError::kNotWellFormed);
  Framer framer;
  pieces(framer, "</stream:stream>");
  EXPECT_EQ(framer.error(), StreamError::kNotWellFormed);
}

TEST(Framer, an_end_tag_that_closes_another_element_is_refused_at_once) {
  EXPECT_EQ(error_after_open("<message><body></message>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("<a><b><c></b>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("<a></b>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("<a></>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("<a></ a>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("<a></a b>"), StreamError::kNotWellFormed);
}

TEST(Framer, only_its_own_end_tag_ends_a_stream) {
  EXPECT_EQ(error_after_open("</foo>"), StreamError::kNotWellFormed);
  EXPECT_EQ(error_after_open("</stream:stream x='1'>"), StreamError::kNotWellFormed);
  Framer framer;
  pieces(framer, kOpen);
  EXPECT_EQ(pieces(framer, "</stream:stream \n>"), std::vector{Piece::kEnd});
}

TEST(Framer, names_match_at_any_depth) {
  Framer framer;
  pieces(framer, kOpen);
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "<a" + std::to_string(i) + " b='/'>";
  for (int i = 19; i >= 0; --i) deep += "</a" + std::to_string(i) + " >";
  EXPECT_EQ(pieces(framer, deep + "<a/><a><a/><a></a></a>"),
            (std::vector{Piece::kStanza, Piece::kStanza, Piece::kStanza}));
}

TEST(Framer, a_second_header_is_refused_when_it_ends) {
  EXPECT_EQ(error_after_open(kOpen), StreamError::kUnsupportedStanzaType);
}

TEST(Framer, a_stream_closed_in_its_header_is_refused) {
  Framer framer;
  pieces(framer, "<stream:stream/>");
  EXPECT_EQ(framer.error(), StreamError::kBadFormat);
}

}  // namespace
}  // namespace longwire::xmpp
