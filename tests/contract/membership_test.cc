// The contract of memberships. MembershipContract: what every one promises, a list that never
// changes included; MembershipLeases: where members come and go.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "tests/contract/membership_back_ends.h"
#include "tests/support/eventually.h"

namespace longwire::test {
namespace {

using middle::Member;
using middle::Membership;
using Lists = std::vector<std::string>;

// A membership of this process, with all that it has told.
struct Node {
  std::unique_ptr<Membership> membership;
  // Shared: by callbacks, which the test may outlive.
  std::shared_ptr<Told> told = std::make_shared<Told>();
  std::shared_ptr<Guarded<std::optional<Status>>> joined =
      std::make_shared<Guarded<std::optional<Status>>>();
};

constexpr char kSelf[] = "10.0.0.1:1";
constexpr char kOther[] = "10.0.0.2:1";

Member member(std::string address, std::string life) {
  return {std::move(address), std::move(life), "1.0"};
}

class MembershipContract : public testing::TestWithParam<MembershipKind> {
 protected:
  void start(Node& node, std::optional<Member> self) {
    node.membership->start(
        self ? std::make_unique<Member>(std::move(*self)) : nullptr,
        [told = node.told](const middle::Members& members) { told->add(members); },
        [joined = node.joined](Status done) { *joined->lock() = std::move(done); });
  }
  Node started(std::unique_ptr<Membership> membership, std::optional<Member> self) {
    Node node{.membership = std::move(membership)};
    start(node, std::move(self));
    EXPECT_TRUE(answer(node).ok());
    return node;
  }
  Node join(const std::string& address, const std::string& life) {
    return started(back_end_->make(), member(address, life));
  }
  Node watch() { return started(back_end_->make(), std::nullopt); }

  template <typename Condition>
  bool eventually_pumped(Condition condition) {
    return eventually([&] {
      back_end_->pump();
      return condition();
    });
  }
  // Of start().
  Status answer(Node& node) {
    if (!eventually_pumped([&] { return node.joined->lock()->has_value(); })) {
      return Error{ErrorCode::kInternal, "no answer"};
    }
    return **node.joined->lock();
  }
  Status leave(Node& node) {
    const auto left = std::make_shared<Guarded<std::optional<Status>>>();
    node.membership->leave([left](Status done) { *left->lock() = std::move(done); });
    if (!eventually_pumped([&] { return left->lock()->has_value(); })) {
      return Error{ErrorCode::kInternal, "no answer"};
    }
    return **left->lock();
  }
  // Waits until as many lists were told; all of them, so that one too many is seen.
  Lists lists(Told& told, std::size_t count) {
    eventually_pumped([&] { return told.all().size() >= count; });
    return told.all();
  }
  Lists lists(Node& node, std::size_t count) { return lists(*node.told, count); }
  Lists lists(MemberProcess& process, std::size_t count) { return lists(process.told(), count); }

  std::unique_ptr<MembershipBackEnd> back_end_ = GetParam().make();
};
class MembershipLeases : public MembershipContract {};

std::string name_of(const testing::TestParamInfo<MembershipKind>& info) { return info.param.name; }

TEST_P(MembershipContract, Member_is_told_of_itself_with_its_life) {
  auto node = join(kSelf, "life");
  const Lists told = lists(node, 1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.front().substr(0, 15), "10.0.0.1:1/life");
}

TEST_P(MembershipContract, Watcher_is_told_who_is_there) {
  auto node = watch();
  const Lists told = lists(node, 1);
  const bool is_static = GetParam().name == "static";
  EXPECT_EQ(told, Lists({is_static ? "10.0.0.1:1/ 10.0.0.2:1/" : ""}));
}

TEST_P(MembershipContract, Nothing_is_told_inside_the_call) {
  std::atomic<bool> inside = true;
  std::atomic<int> told_inside = 0;
  std::atomic<int> told = 0;
  const auto here = std::this_thread::get_id();
  const auto note = [&] {
    if (inside && std::this_thread::get_id() == here) ++told_inside;
    ++told;
  };
  const auto membership = back_end_->make();
  membership->start(
      std::make_unique<Member>(member(kSelf, "life")), [&](const auto&) { note(); },
      [&](const Status&) { note(); });
  membership->leave([&](const Status&) { note(); });
  inside = false;
  EXPECT_TRUE(eventually_pumped([&] { return told >= 2; }));
  EXPECT_EQ(told_inside, 0);
}

TEST_P(MembershipContract, Leaving_is_answered) {
  auto node = join(kSelf, "life");
  EXPECT_TRUE(leave(node).ok());
}

TEST_P(MembershipContract, Nothing_is_told_after_the_end) {
  auto node = join(kSelf, "life");
  lists(node, 1);
  Node next{.membership = back_end_->make()};
  start(next, member(kOther, "life"));  // what that changes may be on its way
  node.membership.reset();
  const std::size_t before = node.told->all().size();
  EXPECT_TRUE(answer(next).ok());
  lists(next, 1);
  EXPECT_EQ(node.told->all().size(), before);
}

TEST_P(MembershipLeases, All_are_told_who_joins_and_who_leaves) {
  auto one = join(kSelf, "a");
  lists(one, 1);
  auto two = join(kOther, "b");
  EXPECT_EQ(lists(two, 1), Lists({"10.0.0.1:1/a 10.0.0.2:1/b"}));
  lists(one, 2);
  EXPECT_TRUE(leave(two).ok());
  EXPECT_EQ(lists(one, 3), Lists({"10.0.0.1:1/a", "10.0.0.1:1/a 10.0.0.2:1/b", "10.0.0.1:1/a"}));
  EXPECT_EQ(lists(two, 2).back(), "10.0.0.1:1/a");
}

// Before a process that was killed earlier, whose lease has to end.
TEST_P(MembershipLeases, Member_that_has_left_or_ended_is_gone_at_once) {
  auto one = join(kSelf, "a");
  lists(one, 1);
  const auto process = back_end_->start_process(member(kOther, "b"));
  lists(one, 2);
  auto two = join("10.0.0.4:1", "d");
  lists(one, 3);
  auto three = join("10.0.0.5:1", "e");
  lists(one, 4);
  process->kill();
  EXPECT_TRUE(leave(two).ok());
  EXPECT_EQ(lists(one, 5).back(), "10.0.0.1:1/a 10.0.0.2:1/b 10.0.0.5:1/e");
  three.membership.reset();
  EXPECT_EQ(lists(one, 6).back(), "10.0.0.1:1/a 10.0.0.2:1/b");
}

TEST_P(MembershipLeases, Watcher_is_told_of_all_and_is_no_member) {
  auto watcher = watch();
  lists(watcher, 1);
  auto one = join(kSelf, "a");
  EXPECT_EQ(lists(watcher, 2), Lists({"", "10.0.0.1:1/a"}));
  watcher.membership.reset();
  auto two = join(kOther, "b");
  EXPECT_EQ(lists(one, 2), Lists({"10.0.0.1:1/a", "10.0.0.1:1/a 10.0.0.2:1/b"}));
}

TEST_P(MembershipLeases, Killed_process_is_gone_when_its_lease_is_over_and_not_before) {
  auto one = join(kSelf, "a");
  lists(one, 1);
  const auto process = back_end_->start_process(member(kOther, "b"));
  lists(one, 2);
  const auto killed = system_clock().monotonic();
  process->kill();
  back_end_->pump();
  EXPECT_EQ(one.told->all().size(), 2u);
  back_end_->end_lease(kOther);
  EXPECT_EQ(lists(one, 3), Lists({"10.0.0.1:1/a", "10.0.0.1:1/a 10.0.0.2:1/b", "10.0.0.1:1/a"}));
  EXPECT_GE(system_clock().monotonic() - killed, back_end_->lease_min());
}

// Never two of one address, and no moment without, though the former lease is not over yet.
TEST_P(MembershipLeases, Node_started_again_replaces_its_former_life) {
  auto watcher = watch();
  lists(watcher, 1);
  const auto process = back_end_->start_process(member(kOther, "former"));
  lists(watcher, 2);
  process->kill();
  auto again = join(kOther, "later");
  EXPECT_EQ(lists(again, 1), Lists({"10.0.0.2:1/later"}));
  EXPECT_EQ(lists(watcher, 3), Lists({"", "10.0.0.2:1/former", "10.0.0.2:1/later"}));
}

TEST_P(MembershipLeases, Lease_of_a_former_life_ends_without_the_later_one) {
  auto watcher = watch();
  lists(watcher, 1);
  const auto process = back_end_->start_process(member(kOther, "former"));
  lists(watcher, 2);
  process->kill();
  auto again = join(kOther, "later");
  lists(watcher, 3);
  const auto third = back_end_->start_process(member(kSelf, "third"));
  lists(watcher, 4);
  third->kill();  // its lease ends after that of the former life, which began earlier
  back_end_->end_lease(kSelf);
  EXPECT_EQ(lists(watcher, 5), Lists({"", "10.0.0.2:1/former", "10.0.0.2:1/later",
                                      "10.0.0.1:1/third 10.0.0.2:1/later", "10.0.0.2:1/later"}));
}

// Else two processes that were given one address would take it from each other for ever.
TEST_P(MembershipLeases,
       Address_that_a_later_process_has_taken_is_not_taken_back_until_it_is_free) {
  auto former = join(kSelf, "former");
  lists(former, 1);
  auto later = join(kSelf, "later");
  lists(former, 2);
  auto other = join(kOther, "b");  // after which the former has had its chance
  lists(former, 3);
  EXPECT_TRUE(leave(later).ok());
  EXPECT_EQ(lists(former, 5),
            Lists({"10.0.0.1:1/former", "10.0.0.1:1/later", "10.0.0.1:1/later 10.0.0.2:1/b",
                   "10.0.0.2:1/b", "10.0.0.1:1/former 10.0.0.2:1/b"}));
}

TEST_P(MembershipLeases, Member_whose_lease_is_over_is_told_so_and_joins_anew) {
  auto one = join(kSelf, "a");
  lists(one, 1);
  auto two = started(back_end_->make_behind_gate(), member(kBehindGate, "b"));
  lists(two, 1);
  lists(one, 2);
  back_end_->cut_off();
  back_end_->end_lease(kBehindGate);
  EXPECT_EQ(lists(one, 3).back(), "10.0.0.1:1/a");
  EXPECT_EQ(lists(two, 1), Lists({"10.0.0.1:1/a 10.0.0.3:1/b"}));
  back_end_->reconnect();
  EXPECT_EQ(lists(two, 3),
            Lists({"10.0.0.1:1/a 10.0.0.3:1/b", "10.0.0.1:1/a", "10.0.0.1:1/a 10.0.0.3:1/b"}));
  EXPECT_EQ(lists(one, 4).back(), "10.0.0.1:1/a 10.0.0.3:1/b");
}

TEST_P(MembershipLeases, Member_that_is_cut_off_for_less_than_its_lease_misses_no_change) {
  auto one = started(back_end_->make_behind_gate(), member(kBehindGate, "b"));
  lists(one, 1);
  back_end_->cut_off();
  auto two = join(kSelf, "a");
  EXPECT_EQ(lists(two, 1), Lists({"10.0.0.1:1/a 10.0.0.3:1/b"}));
  EXPECT_EQ(lists(one, 1), Lists({"10.0.0.3:1/b"}));
  back_end_->reconnect();
  EXPECT_EQ(lists(one, 2), Lists({"10.0.0.3:1/b", "10.0.0.1:1/a 10.0.0.3:1/b"}));
  EXPECT_EQ(lists(two, 1).size(), 1u);
}

TEST_P(MembershipLeases, Members_that_cannot_be_asked_at_first_are_joined_later) {
  back_end_->cut_off();
  Node node{.membership = back_end_->make_behind_gate()};
  start(node, member(kBehindGate, "a"));
  const Status failed = answer(node);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(node.told->all(), Lists());
  back_end_->reconnect();
  EXPECT_EQ(lists(node, 1), Lists({"10.0.0.3:1/a"}));
}

TEST_P(MembershipLeases, Nothing_is_told_while_the_servers_are_away_and_all_goes_on_after) {
  auto one = join(kSelf, "a");
  lists(one, 1);
  const auto process = back_end_->start_process(member(kOther, "b"));
  lists(one, 2);
  back_end_->stop_servers();
  back_end_->pump();
  back_end_->start_servers();
  auto third = join(kBehindGate, "c");
  const std::string both = "10.0.0.1:1/a 10.0.0.2:1/b";
  EXPECT_EQ(lists(one, 3), Lists({"10.0.0.1:1/a", both, both + " 10.0.0.3:1/c"}));
  EXPECT_EQ(lists(*process, 2), Lists({both, both + " 10.0.0.3:1/c"}));
}

TEST_P(MembershipLeases, Process_halted_for_longer_than_its_lease_is_gone_and_joins_anew) {
  auto one = join(kSelf, "a");
  lists(one, 1);
  const auto process = back_end_->start_process(member(kOther, "b"));
  const std::string both = "10.0.0.1:1/a 10.0.0.2:1/b";
  lists(one, 2);
  EXPECT_EQ(lists(*process, 1), Lists({both}));
  process->halt();
  back_end_->end_lease(kOther);
  EXPECT_EQ(lists(one, 3), Lists({"10.0.0.1:1/a", both, "10.0.0.1:1/a"}));
  process->go_on();
  EXPECT_EQ(lists(one, 4).back(), both);
  EXPECT_EQ(lists(*process, 3), Lists({both, "10.0.0.1:1/a", both}));
}

INSTANTIATE_TEST_SUITE_P(BackEnds, MembershipContract, testing::ValuesIn(membership_back_ends()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(BackEnds, MembershipLeases,
                         testing::ValuesIn(membership_back_ends_with_leases()), name_of);

}  // namespace
}  // namespace longwire::test
