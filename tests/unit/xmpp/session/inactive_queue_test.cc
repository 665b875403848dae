#include "xmpp/session/inactive_queue.h"

#include <gtest/gtest.h>

namespace longwire::xmpp {
namespace {

TEST(InactiveQueue, holds_the_newest_presence_of_each_sender_in_order) {
  InactiveQueue queue;
  EXPECT_TRUE(queue.hold("<presence from='a@x/1'/>", 10));
  EXPECT_TRUE(queue.hold("<presence to='me' from='b@x/1'/>", 10));
  EXPECT_TRUE(queue.hold("<presence from='a@x/1' type='unavailable'/>", 10));
  EXPECT_EQ(queue.take(),
            (std::vector<std::string>{"<presence to='me' from='b@x/1'/>",
                                      "<presence from='a@x/1' type='unavailable'/>"}));
  EXPECT_TRUE(queue.take().empty());
}

TEST(InactiveQueue, whatever_asks_for_an_answer_goes_at_once) {
  InactiveQueue queue;
  EXPECT_FALSE(queue.hold("<presence from='a@x' type='subscribe'/>", 10));
  EXPECT_FALSE(queue.hold("<message from='a@x'><body/></message>", 10));
  EXPECT_FALSE(queue.hold("<iq type='get' id='1'/>", 10));
}

TEST(InactiveQueue, full_it_takes_no_more) {
  InactiveQueue queue;
  EXPECT_TRUE(queue.hold("<presence from='a@x/1'/>", 1));
  EXPECT_FALSE(queue.hold("<presence from='b@x/1'/>", 1));
  EXPECT_EQ(queue.take().size(), 1U);
}

}  // namespace
}  // namespace longwire::xmpp
