#include "channels/push/reader_filter.h"

#include <gtest/gtest.h>

namespace longwire::channels {
namespace {

using middle::Tag;
using middle::TagOperator;

std::vector<middle::TagInterval> carrying(const std::vector<std::string>& tags) {
  std::vector<middle::TagInterval> intervals;
  for (const auto& tag : tags) intervals.emplace_back().tag = Tag(tag);
  return intervals;
}

bool reaches(TagOperator op, const std::vector<std::string>& carried) {
  return matches({op, {Tag("a"), Tag("b")}}, carrying(carried), 1);
}

TEST(ReaderFilter, union_wants_any_tag) {
  EXPECT_TRUE(reaches(TagOperator::kUnion, {"b"}));
  EXPECT_FALSE(reaches(TagOperator::kUnion, {"c"}));
}

TEST(ReaderFilter, intersection_wants_all_tags) {
  EXPECT_TRUE(reaches(TagOperator::kIntersection, {"b", "c", "a"}));
  EXPECT_FALSE(reaches(TagOperator::kIntersection, {"a"}));
}

TEST(ReaderFilter, except_wants_the_first_and_none_of_the_rest) {
  EXPECT_TRUE(reaches(TagOperator::kExcept, {"a", "c"}));
  EXPECT_FALSE(reaches(TagOperator::kExcept, {"a", "b"}));
  EXPECT_FALSE(reaches(TagOperator::kExcept, {"c"}));
}

TEST(ReaderFilter, an_expression_without_tags_is_for_nobody) {
  EXPECT_FALSE(matches({TagOperator::kIntersection, {}}, carrying({"a"}), 1));
}

TEST(ReaderFilter, a_tag_carried_again_counts_in_both_intervals) {
  auto carried = carrying({"a", "a"});
  carried[0].app_since = 1;
  carried[0].app_until = 3;
  carried[1].app_since = 5;
  std::vector<middle::FeedNumber> got;
  for (middle::FeedNumber number = 1; number <= 6; ++number)
    if (matches({TagOperator::kUnion, {Tag("a")}}, carried, number)) got.push_back(number);
  EXPECT_EQ(got, std::vector<middle::FeedNumber>({1, 2, 5, 6}));
}

TEST(ReaderFilter, collapse_goes_by_the_time_of_acceptance) {
  auto keyed = [](middle::FeedNumber number, std::int64_t accepted, std::int64_t expires) {
    auto made = std::make_shared<middle::Entry>();
    made->number = number;
    made->accepted = {accepted};
    made->expires = {expires};
    made->collapse_key = "k";
    made->body = "b";
    return made;
  };
  const std::vector<middle::EntryPtr> span = {keyed(1, 20, 100), keyed(2, 10, 100),
                                              keyed(3, 30, 40)};
  EXPECT_FALSE(is_collapsed(*span[0], span, {50}));  // the third has expired
  EXPECT_TRUE(is_collapsed(*span[0], span, {35}));
  EXPECT_TRUE(is_collapsed(*span[1], span, {50}));
}

}  // namespace
}  // namespace longwire::channels
