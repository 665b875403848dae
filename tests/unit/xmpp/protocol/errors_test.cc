#include "xmpp/protocol/errors.h"

#include <gtest/gtest.h>

namespace longwire::xmpp {
namespace {

TEST(Errors, stream_error_names_its_condition_and_text) {
  std::string out;
  append_stream_error(StreamError::kPolicyViolation, "too <large>", "", out);
  EXPECT_EQ(out,
            "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>too &lt;large&gt;</text>"
            "</stream:error>");
}

TEST(Errors, reply_swaps_the_addresses_and_escapes_what_it_echoes) {
  Document document;
  document.open("jabber:client\niq");
  document.add_attribute("id", "a'b<c>&\"");
  document.add_attribute("to", "x@example.org");
  document.close();
  EXPECT_EQ(error_reply(document.root(), StanzaError::kServiceUnavailable, "me@localhost/r"),
            "<iq type='error' id='a&apos;b&lt;c&gt;&amp;&quot;' from='x@example.org' "
            "to='me@localhost/r'><error type='cancel'><service-unavailable "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
}

TEST(Errors, what_may_be_retried_is_of_type_wait) {
  EXPECT_EQ(stanza_error_type(stanza_error_of(ErrorCode::kUnavailable)), "wait");
  EXPECT_EQ(stanza_error_type(stanza_error_of(ErrorCode::kNotFound)), "cancel");
}

TEST(Errors, a_limit_is_of_type_wait_where_waiting_lifts_it) {
  const Error lasting{ErrorCode::kResourceExhausted, "too many topics"};
  const Error passing{ErrorCode::kResourceExhausted, "too fast", std::chrono::seconds(1)};
  EXPECT_EQ(stanza_error_of(lasting), StanzaError::kPolicyViolation);
  EXPECT_EQ(stanza_error_type(stanza_error_of(lasting)), "modify");
  EXPECT_EQ(stanza_error_of(passing), StanzaError::kResourceConstraint);
}

TEST(Errors, who_is_away_and_who_is_late_have_conditions_of_their_own_and_may_be_asked_again) {
  const Error away{ErrorCode::kUnavailable, "nobody there"};
  const Error busy{ErrorCode::kUnavailable, "busy", std::chrono::seconds(1)};
  EXPECT_EQ(stanza_error_name(stanza_error_of(away)), "service-unavailable");
  EXPECT_EQ(stanza_error_type(stanza_error_of(away)), "wait");
  EXPECT_EQ(stanza_error_of(busy), StanzaError::kResourceConstraint);
  EXPECT_EQ(stanza_error_name(stanza_error_of(ErrorCode::kDeadlineExceeded)),
            "remote-server-timeout");
  EXPECT_EQ(stanza_error_type(stanza_error_of(ErrorCode::kDeadlineExceeded)), "wait");
}

}  // namespace
}  // namespace longwire::xmpp
