#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace longwire {
namespace {

Status first_failure(Status first, Status second) {
  TRY(first);
  TRY(second);
  return {};
}

TEST(Result, holds_a_value_or_an_error) {
  Result<std::unique_ptr<int>> value = std::make_unique<int>(4);
  EXPECT_EQ(*std::move(value).value(), 4);
  const Result<int> error = Error{ErrorCode::kNotFound, "no"};
  EXPECT_FALSE(error.ok());
  EXPECT_EQ(error.error().code, ErrorCode::kNotFound);
}

TEST(Try, returns_the_first_error) {
  const Status failed = first_failure({}, Error{ErrorCode::kCorrupt, "second"});
  EXPECT_EQ(failed.error().message, "second");
  EXPECT_TRUE(first_failure({}, {}).ok());
}

TEST(ErrorCode, has_a_name_of_its_own_each) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    names.insert(error_code_name(static_cast<ErrorCode>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::kInternal) + 1);
}

TEST(MayRetry, tells_whether_later_may_help) {
  EXPECT_TRUE(may_retry({ErrorCode::kUnavailable, "", {}}));
  EXPECT_FALSE(may_retry({ErrorCode::kInvalidArgument, "", {}}));
}

}  // namespace
}  // namespace longwire
