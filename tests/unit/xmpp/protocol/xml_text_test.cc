#include "xmpp/protocol/xml_text.h"

#include <gtest/gtest.h>

namespace longwire::xmpp {
namespace {

TEST(XmlText, escaped_text_holds_no_markup_and_no_normalisable_space) {
  std::string out;
  append_escaped("a<b>&'\"\t\n\r]]>", out);
  EXPECT_EQ(out, "a&lt;b&gt;&amp;&apos;&quot;&#9;&#10;&#13;]]&gt;");
}

TEST(XmlText, is_xml_text_refuses_what_xml_cannot_carry) {
  EXPECT_TRUE(is_xml_text("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80\n"));
  for (const std::string_view bad :
       {std::string_view("\0", 1), std::string_view("\x01"), std::string_view("\xC0\xAF"),
        std::string_view("\xE0\x80\xAF"), std::string_view("\xED\xA0\x80"),
        std::string_view("\xEF\xBF\xBE"), std::string_view("\xF5\x80\x80\x80"),
        std::string_view("\xC3"), std::string_view("\x80")})
    EXPECT_FALSE(is_xml_text(bad)) << bad;
}

}  // namespace
}  // namespace longwire::xmpp
