// Tags are carried for intervals, which outlive their end for a while.

#include "middle/registry/tags.h"

#include "tests/unit/middle/rows_world.h"

namespace longwire::middle {
namespace {

using std::chrono::hours;

class TagRules : public RowsWorld {
 public:
  TagRules() {
    row.registration.id = RegId("r");
    row.registration.app = AppId("1000");
  }
  Status begin_at(const char* tag, TagTails tails) {
    Transaction run = begin();
    return begin_tag(run, row, Tag(tag), tails, {.tags_max = 2, .intervals_max = 2, .kept = kKept});
  }
  Status end_at(const char* tag, TagTails tails) {
    Transaction run = begin();
    return end_tag(run, row, Tag(tag), tails);
  }
  const std::vector<TagInterval>& tags() const { return row.registration.tags; }

  static constexpr std::chrono::milliseconds kKept = hours(1);
  RegistrationRow row;
};

TEST_F(TagRules, An_interval_begins_behind_the_tails) {
  ASSERT_TRUE(begin_at("news", {.topic = 4, .app = 9}).ok());
  ASSERT_EQ(tags().size(), 1u);
  EXPECT_EQ(tags()[0].topic_since, 5u);
  EXPECT_EQ(tags()[0].app_since, 10u);
  EXPECT_TRUE(carries(row.registration, Tag("news")));
}

TEST_F(TagRules, An_interval_ends_behind_the_tails) {
  ASSERT_TRUE(begin_at("news", {4, 9}).ok());
  ASSERT_TRUE(end_at("news", {6, 12}).ok());
  ASSERT_EQ(tags().size(), 1u);
  EXPECT_EQ(tags()[0].topic_until, 7u);
  EXPECT_EQ(tags()[0].app_until, 13u);
  EXPECT_FALSE(carries(row.registration, Tag("news")));
}

TEST_F(TagRules, An_interval_does_not_end_before_it_began) {
  ASSERT_TRUE(begin_at("news", {4, 9}).ok());
  ASSERT_TRUE(end_at("news", {0, 0}).ok());
  EXPECT_EQ(tags()[0].topic_until, 5u);
  EXPECT_EQ(tags()[0].app_until, 10u);
}

TEST_F(TagRules, Repeats_change_nothing) {
  ASSERT_TRUE(end_at("news", {1, 1}).ok());
  EXPECT_TRUE(tags().empty());
  ASSERT_TRUE(begin_at("news", {4, 9}).ok());
  ASSERT_TRUE(begin_at("news", {5, 9}).ok());
  ASSERT_EQ(tags().size(), 1u);
  EXPECT_EQ(tags()[0].topic_since, 5u);
}

TEST_F(TagRules, Tags_carried_at_once_are_limited) {
  ASSERT_TRUE(begin_at("a", {}).ok());
  ASSERT_TRUE(begin_at("b", {}).ok());
  EXPECT_EQ(begin_at("c", {}).error().code, ErrorCode::kResourceExhausted);
  ASSERT_TRUE(end_at("a", {}).ok());
  EXPECT_TRUE(begin_at("c", {}).ok());
}

TEST_F(TagRules, A_tag_changed_too_often_waits_until_its_intervals_are_forgotten) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(begin_at("a", {}).ok());
    ASSERT_TRUE(end_at("a", {}).ok());
  }
  const Status refused = begin_at("a", {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_GT(refused.error().retry_after.count(), 0);
  now = now + kKept;
  ASSERT_TRUE(begin_at("a", {}).ok());
  EXPECT_EQ(tags().size(), 1u);
}

TEST_F(TagRules, A_change_is_noted_for_the_index_of_topics) {
  Transaction run = begin();
  ASSERT_TRUE(begin_tag(run, row, Tag("news"), {4, 9}, {}).ok());
  const Bytes* noted = run.get(topic_change_key(run.position(), RegId("r"), Tag("news")));
  ASSERT_NE(noted, nullptr);
  TopicChangeRow change;
  ASSERT_TRUE(decode(*noted, change).ok());
  EXPECT_TRUE(change.change.carried);
  EXPECT_EQ(change.change.since, 5u);
}

}  // namespace
}  // namespace longwire::middle
