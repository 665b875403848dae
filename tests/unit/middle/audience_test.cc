// Who an entry is for: judged by the tags at the time of the send.

#include "middle/target/audience.h"

#include <gtest/gtest.h>

namespace longwire::middle {
namespace {

const AppId kApp("1000");

// Carries "a" in 10..19 of the app's feed (1..4 of its own), "b" from 15 on (3 of its own).
std::vector<TagInterval> intervals() {
  return {{Tag("a"), 1, 5, 10, 20}, {Tag("b"), 3, std::nullopt, 15, std::nullopt}};
}

Registration reader() {
  Registration made;
  made.app = kApp;
  made.package = PackageName("org.shop");
  made.app_since = 8;
  made.tags = intervals();
  return made;
}

bool holds(TagOperator op, std::vector<Tag> tags, FeedNumber number) {
  return expression_holds({op, std::move(tags)}, number, intervals());
}

bool addressed(FeedNumber number, const FeedId& feed, Entry entry = {}) {
  entry.number = number;
  return entry_addresses(entry, feed, reader());
}

TEST(Expression, An_interval_covers_its_first_and_not_its_end) {
  EXPECT_FALSE(holds(TagOperator::kUnion, {Tag("a")}, 9));
  EXPECT_TRUE(holds(TagOperator::kUnion, {Tag("a")}, 10));
  EXPECT_TRUE(holds(TagOperator::kUnion, {Tag("a")}, 19));
  EXPECT_FALSE(holds(TagOperator::kUnion, {Tag("a")}, 20));
}

TEST(Expression, Union_holds_with_any_of_the_tags) {
  EXPECT_FALSE(holds(TagOperator::kUnion, {Tag("a"), Tag("b")}, 9));
  EXPECT_TRUE(holds(TagOperator::kUnion, {Tag("a"), Tag("b")}, 10));
  EXPECT_TRUE(holds(TagOperator::kUnion, {Tag("a"), Tag("b")}, 100));
}

TEST(Expression, Intersection_holds_with_all_of_the_tags_at_once) {
  EXPECT_FALSE(holds(TagOperator::kIntersection, {Tag("a"), Tag("b")}, 14));
  EXPECT_TRUE(holds(TagOperator::kIntersection, {Tag("a"), Tag("b")}, 15));
  EXPECT_FALSE(holds(TagOperator::kIntersection, {Tag("a"), Tag("b")}, 20));
}

TEST(Expression, Except_holds_with_the_first_and_none_of_the_rest) {
  EXPECT_TRUE(holds(TagOperator::kExcept, {Tag("a"), Tag("b")}, 14));
  EXPECT_FALSE(holds(TagOperator::kExcept, {Tag("a"), Tag("b")}, 15));
  EXPECT_FALSE(holds(TagOperator::kExcept, {Tag("b"), Tag("a")}, 19));
  EXPECT_TRUE(holds(TagOperator::kExcept, {Tag("b"), Tag("a")}, 20));
}

TEST(Expression, Without_tags_it_holds_for_nobody) {
  EXPECT_FALSE(holds(TagOperator::kUnion, {}, 15));
  EXPECT_FALSE(holds(TagOperator::kIntersection, {}, 15));
  EXPECT_FALSE(holds(TagOperator::kExcept, {}, 15));
}

TEST(Expression, A_tag_carried_twice_counts_in_both_intervals) {
  const std::vector<TagInterval> twice{{Tag("a"), 1, 2, 1, 3}, {Tag("a"), 4, 5, 7, 9}};
  const TagExpression expression{TagOperator::kUnion, {Tag("a")}};
  EXPECT_TRUE(expression_holds(expression, 2, twice));
  EXPECT_FALSE(expression_holds(expression, 5, twice));
  EXPECT_TRUE(expression_holds(expression, 7, twice));
}

TEST(Audience, A_topic_goes_by_numbers_of_its_own_feed) {
  const FeedId feed = topic_feed(kApp, Tag("a"));
  EXPECT_TRUE(addressed(1, feed));
  EXPECT_TRUE(addressed(4, feed));
  EXPECT_FALSE(addressed(5, feed));
  EXPECT_FALSE(addressed(1, topic_feed(AppId("2000"), Tag("a"))));
  EXPECT_FALSE(addressed(1, topic_feed(kApp, Tag("c"))));
}

TEST(Audience, A_broadcast_is_for_those_who_were_registered) {
  EXPECT_FALSE(addressed(7, app_feed(kApp)));
  EXPECT_TRUE(addressed(8, app_feed(kApp)));
}

TEST(Audience, A_filtered_broadcast_is_for_those_whose_tags_hold) {
  Entry entry;
  entry.filter = TagExpression{TagOperator::kIntersection, {Tag("a"), Tag("b")}};
  EXPECT_FALSE(addressed(14, app_feed(kApp), entry));
  EXPECT_TRUE(addressed(15, app_feed(kApp), entry));
}

TEST(Audience, Packages_restrict_every_feed) {
  Entry other;
  other.packages = {PackageName("org.other")};
  Entry both = other;
  both.packages.push_back(PackageName("org.shop"));
  const FeedId inbox = inbox_feed(RegId("r"));
  EXPECT_FALSE(addressed(1, inbox, other));
  EXPECT_TRUE(addressed(1, inbox, both));
  EXPECT_FALSE(addressed(8, app_feed(kApp), other));
  EXPECT_TRUE(addressed(1, inbox));
}

}  // namespace
}  // namespace longwire::middle
