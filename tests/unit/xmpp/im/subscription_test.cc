#include "xmpp/im/subscription.h"

#include <gtest/gtest.h>

#include <string>

namespace longwire::xmpp {
namespace {

using Kind = SubscriptionKind;

// "none", "to+ask", "from+in", … as RFC 6121 appendix A.1 names the nine states.
middle::RosterItem item(const std::string& state) {
  middle::RosterItem made;
  const std::string name = state.substr(0, state.find('+'));
  for (std::uint8_t s = 0; s < 4; ++s)
    if (subscription_name(s) == name) made.subscription = s;
  made.ask = state.find("+ask") != std::string::npos;
  made.pending_in = state.find("+in") != std::string::npos;
  return made;
}
std::string state(const middle::RosterItem& item) {
  return std::string(subscription_name(item.subscription)) + (item.ask ? "+ask" : "") +
         (item.pending_in ? "+in" : "");
}

struct Row {
  const char* before;
  Kind kind;
  const char* after;
  bool pass_on;
};

TEST(Subscription, sent_stanzas_follow_appendix_a_2) {
  for (const Row& row : {
           Row{"none", Kind::kSubscribe, "none+ask", true},
           Row{"none+ask", Kind::kSubscribe, "none+ask", true},
           Row{"none+in", Kind::kSubscribe, "none+ask+in", true},
           Row{"from", Kind::kSubscribe, "from+ask", true},
           Row{"to", Kind::kSubscribe, "to", true},
           Row{"both", Kind::kSubscribe, "both", true},
           Row{"none+ask", Kind::kUnsubscribe, "none", true},
           Row{"to+in", Kind::kUnsubscribe, "none+in", true},
           Row{"both", Kind::kUnsubscribe, "from", true},
           Row{"none", Kind::kSubscribed, "none", false},
           Row{"none+in", Kind::kSubscribed, "from", true},
           Row{"none+ask+in", Kind::kSubscribed, "from+ask", true},
           Row{"to+in", Kind::kSubscribed, "both", true},
           Row{"from", Kind::kSubscribed, "from", false},
           Row{"none", Kind::kUnsubscribed, "none", false},
           Row{"none+in", Kind::kUnsubscribed, "none", true},
           Row{"to+in", Kind::kUnsubscribed, "to", true},
           Row{"both", Kind::kUnsubscribed, "to", true},
           Row{"from+ask", Kind::kUnsubscribed, "none+ask", true},
       }) {
    middle::RosterItem changed = item(row.before);
    const SubscriptionChange change = send_subscription(changed, row.kind);
    EXPECT_EQ(state(changed), row.after) << row.before << " " << subscription_type(row.kind);
    EXPECT_EQ(change.pass_on, row.pass_on) << row.before << " " << subscription_type(row.kind);
  }
}

TEST(Subscription, received_stanzas_follow_appendix_a_3) {
  for (const Row& row : {
           Row{"none", Kind::kSubscribe, "none+in", true},
           Row{"none+in", Kind::kSubscribe, "none+in", false},
           Row{"none+ask", Kind::kSubscribe, "none+ask+in", true},
           Row{"to", Kind::kSubscribe, "to+in", true},
           Row{"from", Kind::kSubscribe, "from", false},
           Row{"both", Kind::kSubscribe, "both", false},
           Row{"none", Kind::kUnsubscribe, "none", false},
           Row{"none+in", Kind::kUnsubscribe, "none", true},
           Row{"from", Kind::kUnsubscribe, "none", true},
           Row{"both", Kind::kUnsubscribe, "to", true},
           Row{"none", Kind::kSubscribed, "none", false},
           Row{"none+ask", Kind::kSubscribed, "to", true},
           Row{"from+ask", Kind::kSubscribed, "both", true},
           Row{"to", Kind::kSubscribed, "to", false},
           Row{"none", Kind::kUnsubscribed, "none", false},
           Row{"none+ask", Kind::kUnsubscribed, "none", true},
           Row{"to", Kind::kUnsubscribed, "none", true},
           Row{"both", Kind::kUnsubscribed, "from", true},
       }) {
    middle::RosterItem changed = item(row.before);
    const SubscriptionChange change = receive_subscription(changed, row.kind);
    EXPECT_EQ(state(changed), row.after) << row.before << " " << subscription_type(row.kind);
    EXPECT_EQ(change.pass_on, row.pass_on) << row.before << " " << subscription_type(row.kind);
  }
}

TEST(Subscription, who_is_allowed_already_is_answered) {
  middle::RosterItem allowed = item("from");
  EXPECT_TRUE(receive_subscription(allowed, Kind::kSubscribe).answer);
}

TEST(Subscription, an_unanswered_request_alone_is_not_in_the_roster) {
  EXPECT_FALSE(is_listed(item("none+in")));
  EXPECT_TRUE(is_listed(item("none")));
  EXPECT_TRUE(is_listed(item("to+in")));
}

}  // namespace
}  // namespace longwire::xmpp
