#include "channels/push/followed_feed.h"

#include <gtest/gtest.h>

namespace longwire::channels {
namespace {

FollowedFeed feed_at(middle::FeedNumber cursor) {
  FollowedFeed feed(middle::FeedId("inbox:r"), cursor);
  feed.add_interval({});
  return feed;
}

TEST(FollowedFeed, cursor_waits_for_the_acknowledgement_of_the_last_push) {
  FollowedFeed feed = feed_at(0);
  feed.step(1);
  EXPECT_EQ(feed.cursor(), 1u);
  feed.push(2);
  feed.push(3);
  feed.step(4);
  EXPECT_EQ(feed.cursor(), 1u);
  ASSERT_TRUE(feed.acknowledge(2).ok());
  EXPECT_EQ(feed.cursor(), 2u);
  ASSERT_TRUE(feed.acknowledge(3).ok());
  EXPECT_EQ(feed.cursor(), 4u);
}

TEST(FollowedFeed, is_taken_once_and_only_when_risen) {
  FollowedFeed feed = feed_at(5);
  EXPECT_EQ(feed.take(true), std::nullopt);
  feed.push(6);
  ASSERT_TRUE(feed.acknowledge(6).ok());
  EXPECT_TRUE(feed.due());
  EXPECT_EQ(feed.take(false), 6u);
  EXPECT_EQ(feed.take(true), std::nullopt);
  EXPECT_FALSE(feed.due());
}

TEST(FollowedFeed, an_older_acknowledgement_changes_nothing) {
  FollowedFeed feed = feed_at(0);
  feed.push(1);
  feed.push(2);
  ASSERT_TRUE(feed.acknowledge(2).ok());
  ASSERT_TRUE(feed.acknowledge(1).ok());
  EXPECT_EQ(feed.cursor(), 2u);
}

TEST(FollowedFeed, refuses_an_acknowledgement_above_the_last_push) {
  FollowedFeed feed = feed_at(0);
  feed.push(1);
  feed.step(2);
  EXPECT_FALSE(feed.acknowledge(2).ok());
  EXPECT_EQ(feed.cursor(), 0u);
}

TEST(FollowedFeed, never_goes_back_but_on_rewind_to_the_cursor) {
  FollowedFeed feed = feed_at(0);
  feed.push(1);
  feed.push(2);
  ASSERT_TRUE(feed.acknowledge(1).ok());
  feed.rewind();
  EXPECT_EQ(feed.seen(), 1u);
  EXPECT_EQ(feed.take(true), 1u);
}

TEST(FollowedFeed, an_acknowledgement_of_the_connection_before_is_no_lie) {
  FollowedFeed feed = feed_at(0);
  feed.push(1);
  feed.push(2);
  feed.rewind();
  ASSERT_TRUE(feed.acknowledge(2).ok());
  EXPECT_EQ(feed.cursor(), 0u);  // until it is read again
  EXPECT_TRUE(feed.has(2));
  EXPECT_FALSE(feed.acknowledge(3).ok());
}

TEST(FollowedFeed, skips_the_gap_between_two_intervals_and_ends_after_the_last) {
  FollowedFeed feed(middle::FeedId("topic:1:t"), 4);
  feed.add_interval({.since = 2, .until = 5});
  feed.add_interval({.since = 10, .until = 12});
  feed.skip_gap();
  EXPECT_EQ(feed.seen(), 9u);
  EXPECT_TRUE(feed.covers(4));
  EXPECT_FALSE(feed.covers(5));
  EXPECT_TRUE(feed.covers(11));
  EXPECT_FALSE(feed.ended());
  feed.step(11);
  EXPECT_TRUE(feed.ended());
}

}  // namespace
}  // namespace longwire::channels
