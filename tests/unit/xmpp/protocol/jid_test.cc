#include "xmpp/protocol/jid.h"

#include <gtest/gtest.h>

#include "xmpp/protocol/precis.h"

namespace longwire::xmpp {
namespace {

TEST(Jid, parts_are_split_and_prepared) {
  const auto jid = parse_jid("Juliet@Example.COM/Balcony/1@x");
  ASSERT_TRUE(jid.has_value());
  EXPECT_EQ(jid->local, "juliet");
  EXPECT_EQ(jid->domain, "example.com");
  EXPECT_EQ(jid->resource, "Balcony/1@x");
  EXPECT_EQ(jid->full(), "juliet@example.com/Balcony/1@x");
}

TEST(Jid, a_domain_alone_is_one) {
  EXPECT_EQ(parse_jid("push.localhost")->full(), "push.localhost");
  EXPECT_EQ(parse_jid("localhost.")->domain, "localhost");
}

TEST(Jid, malformed_ones_are_refused) {
  for (const char* bad :
       {"", "@", "@localhost", "a@", "a@b@c", "a b@localhost", "localhost/", "a\"@localhost",
        "a&b@localhost", "a@lo cal", "a@.b", "a@b..c", "a@localhost/\x01", "\xC3@localhost"})
    EXPECT_FALSE(parse_jid(bad).has_value()) << bad;
  EXPECT_FALSE(parse_jid(std::string(1024, 'a') + "@localhost").has_value());
  EXPECT_FALSE(parse_jid(std::string(64, 'a') + ".org").has_value());
}

TEST(Jid, unicode_names_compare_by_their_prepared_form) {
  EXPECT_EQ(prepare_username("\xC3\x84"
                             "da"),
            "\xC3\xA4"
            "da");                                       // capital umlaut
  EXPECT_EQ(prepare_username("a\xCC\x88"), "\xC3\xA4");  // composed
  EXPECT_EQ(prepare_username("\xEF\xBC\xA1"), "a");      // full-width A
  EXPECT_EQ(prepare_domain("B\xC3\x9C"
                           "CHER.example"),
            "b\xC3\xBC"
            "cher.example");
  EXPECT_EQ(prepare_opaque("a\xC2\xA0"
                           "b"),
            "a b");  // no-break space
}

TEST(Jid, code_points_that_names_must_not_hold_are_refused) {
  EXPECT_FALSE(prepare_username("\xE2\x99\x9A").has_value());  // a chess king: a symbol
  EXPECT_FALSE(prepare_username("a\xE2\x80\x8D"
                                "b")
                   .has_value());                              // zero width joiner
  EXPECT_FALSE(prepare_username("\xE2\x85\xA3").has_value());  // roman numeral four
  // The Kelvin sign: allowed only if it was mapped first, and the check comes first.
  EXPECT_FALSE(prepare_username("\xE2\x84\xAA"
                                "elvin")
                   .has_value());
  EXPECT_TRUE(prepare_opaque("\xE2\x99\x9A").has_value());
}

}  // namespace
}  // namespace longwire::xmpp
