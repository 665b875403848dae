// The list of members that never changes; what it shares with others: tests/contract.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

#include "storage/memory/memory_membership.h"
#include "tests/support/manual_executor.h"

namespace longwire::test {
namespace {

using middle::Member;
using middle::Members;

class StaticMembers : public testing::Test {
 protected:
  void start(std::unique_ptr<Member> self) {
    membership_->start(
        std::move(self), [this](Members members) { told_.push_back(std::move(members)); },
        [this](Status done) { joined_ = std::move(done); });
  }
  static std::unique_ptr<Member> self(const char* address) {
    return std::make_unique<Member>(Member{address, "life", "1.0"});
  }

  ManualClock clock_;
  ManualExecutor executor_{clock_};
  std::unique_ptr<middle::Membership> membership_ =
      storage::make_static_membership(executor_, {"b:1", "a:1", "b:1"});
  std::vector<Members> told_;
  std::optional<Status> joined_;
};

TEST_F(StaticMembers, Are_told_once_in_order_and_only_oneself_with_a_life) {
  start(self("b:1"));
  executor_.run_until_idle();
  EXPECT_EQ(told_, std::vector<Members>({{{"a:1", "", ""}, {"b:1", "life", "1.0"}}}));
  EXPECT_TRUE(joined_->ok());
}

TEST_F(StaticMembers, Refuse_one_that_is_not_among_them) {
  start(self("c:1"));
  executor_.run_until_idle();
  ASSERT_FALSE(joined_->ok());
  EXPECT_EQ(joined_->error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(joined_->error().message, "c:1 is not among the members listed");
  EXPECT_TRUE(told_.empty());
}

TEST_F(StaticMembers, Tell_nothing_that_was_on_its_way_at_the_end) {
  start(self("a:1"));
  membership_.reset();
  executor_.run_until_idle();
  EXPECT_TRUE(told_.empty());
  EXPECT_FALSE(joined_.has_value());
}

}  // namespace
}  // namespace longwire::test
