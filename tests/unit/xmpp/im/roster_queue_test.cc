#include "xmpp/im/roster_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace longwire::xmpp {
namespace {

using middle::XmppAccount;

const XmppAccount kRomeo("romeo");
const XmppAccount kJuliet("juliet");

class RosterQueueTest : public testing::Test {
 protected:
  void enter(const XmppAccount& owner, const std::string& name, std::size_t bytes = 0,
             bool by_others = false) {
    queue_.enter(owner, {bytes, by_others, [this, name](Status turn) {
                           events_.push_back(turn.ok() ? name : name + " refused");
                         }});
  }
  std::vector<std::string> events() { return std::exchange(events_, {}); }

  XmppConfig config_;
  RosterQueue queue_{config_};
  std::vector<std::string> events_;
};

using Events = std::vector<std::string>;

TEST_F(RosterQueueTest, one_owner_has_one_turn_at_a_time_in_order) {
  for (const char* name : {"a", "b", "c"}) enter(kRomeo, name);
  EXPECT_EQ(events(), Events{"a"});
  queue_.leave(kRomeo);
  EXPECT_EQ(events(), Events{"b"});
  queue_.leave(kRomeo);
  EXPECT_EQ(events(), Events{"c"});
  queue_.leave(kRomeo);
  enter(kRomeo, "d");
  EXPECT_EQ(events(), Events{"d"});
}

TEST_F(RosterQueueTest, owners_do_not_wait_for_each_other) {
  enter(kRomeo, "his");
  enter(kJuliet, "hers");
  EXPECT_EQ(events(), (Events{"his", "hers"}));
}

TEST_F(RosterQueueTest, what_waits_is_bounded_in_bytes) {
  config_.roster_waiting_bytes_max = 65'536;
  enter(kRomeo, "large", 100'000);
  enter(kRomeo, "more");
  EXPECT_EQ(events(), (Events{"large", "more refused"}));
  queue_.leave(kRomeo);
  enter(kRomeo, "again");
  EXPECT_EQ(events(), Events{"again"});
}

TEST_F(RosterQueueTest, what_waits_without_bytes_is_bounded_too) {
  config_.roster_waiting_bytes_max = 65'536;
  for (int i = 0; i < 200; ++i) enter(kRomeo, "x");
  EXPECT_EQ(events().back(), "x refused");
}

TEST_F(RosterQueueTest, others_leave_half_of_it_to_the_owner) {
  config_.roster_waiting_bytes_max = 65'536;
  enter(kRomeo, "first", 20'000);
  enter(kRomeo, "stranger", 20'000, true);
  enter(kRomeo, "owner", 20'000);
  EXPECT_EQ(events(), (Events{"first", "stranger refused"}));
  queue_.leave(kRomeo);
  EXPECT_EQ(events(), Events{"owner"});
}

}  // namespace
}  // namespace longwire::xmpp
