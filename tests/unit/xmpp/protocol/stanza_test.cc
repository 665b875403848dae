#include "xmpp/protocol/stanza.h"

#include <gtest/gtest.h>

#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_engine.h"

namespace longwire::xmpp {
namespace {

class StanzaTest : public testing::Test {
 protected:
  Element parse(std::string_view xml) {
    EXPECT_EQ(engine_.parse_stanza("", xml), StreamError::kNone) << xml;
    return engine_.document().root();
  }
  std::string rewrite(std::string_view xml, WriteOptions options = {}) {
    options.default_ns = ns::kClient;
    std::string out;
    append_element(parse(xml), options, out);
    return out;
  }
  XmlEngine engine_;
};

TEST_F(StanzaTest, elements_are_found_by_name_and_namespace) {
  const Element iq =
      parse("<iq id='1'><x/><query xmlns='jabber:iq:roster'><item jid='a'/></query></iq>");
  EXPECT_TRUE(iq.is("iq", ns::kClient));
  EXPECT_EQ(iq.attribute_or_empty("id"), "1");
  EXPECT_FALSE(iq.attribute("type").has_value());
  const Element query = iq.child("query", ns::kRoster);
  ASSERT_TRUE(query);
  EXPECT_EQ(query.first_child().attribute_or_empty("jid"), "a");
  EXPECT_FALSE(iq.child("query", ns::kClient));
}

TEST_F(StanzaTest, text_in_pieces_is_one_text) {
  EXPECT_EQ(parse("<body>a&amp;b<![CDATA[<c>]]>&#x20AC;</body>").text(), "a&b<c>\xE2\x82\xAC");
}

TEST_F(StanzaTest, prefixes_become_default_namespaces) {
  EXPECT_EQ(rewrite("<message xmlns:x='urn:x'><x:a x:b='1' c='2'><d/></x:a></message>"),
            "<message><a xmlns='urn:x' xmlns:a0='urn:x' a0:b='1' c='2'>"
            "<d xmlns='jabber:client'/></a></message>");
}

TEST_F(StanzaTest, language_and_mixed_content_survive) {
  const std::string xml = "<message xml:lang='de'><body>a<b xmlns='urn:b'/>c &lt;</body></message>";
  EXPECT_EQ(rewrite(xml), xml);
}

TEST_F(StanzaTest, addresses_are_set_and_children_dropped) {
  WriteOptions options;
  options.set_from = "me@localhost/r'";
  options.drop_to = true;
  options.drop_child = [](Element child) { return child.ns() == ns::kDelay; };
  options.append = "<z/>";
  EXPECT_EQ(rewrite("<message to='x' from='forged'><delay xmlns='urn:xmpp:delay'/><body>1</body>"
                    "</message>",
                    options),
            "<message from='me@localhost/r&apos;'><body>1</body><z/></message>");
}

TEST_F(StanzaTest, what_is_written_reads_the_same) {
  const std::string nasty =
      "<message a='&apos;&quot;&lt;&amp;&#10;&#9;'><body>]]&gt;&#13;&lt;/body&gt;"
      "</body></message>";
  const std::string once = rewrite(nasty);
  const Element again = parse(once);
  EXPECT_EQ(again.attribute_or_empty("a"), "'\"<&\n\t");
  EXPECT_EQ(again.first_child().text(), "]]>\r</body>");
}

}  // namespace
}  // namespace longwire::xmpp
