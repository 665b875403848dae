#include "channels/push/followed_feed.h"

#include <utility>

namespace longwire::channels {

using middle::FeedNumber;

FollowedFeed::FollowedFeed(middle::FeedId id, FeedNumber cursor)
    : id_(std::move(id)), seen_(cursor), pushed_(cursor), acknowledged_(cursor), taken_(cursor) {}

bool FollowedFeed::covers(FeedNumber number) const {
  for (const FeedInterval& interval : intervals_)
    if (interval.covers(number)) return true;
  return false;
}

bool FollowedFeed::ended() const {
  for (const FeedInterval& interval : intervals_)
    if (!interval.until.has_value() || *interval.until > seen_ + 1) return false;
  return true;
}

void FollowedFeed::skip_gap() {
  std::optional<FeedNumber> first;
  for (const FeedInterval& interval : intervals_) {
    if (interval.until.has_value() && *interval.until <= seen_ + 1) continue;
    first = std::min(first.value_or(interval.since), interval.since);
  }
  if (first.has_value() && *first > 0) seen_ = std::max(seen_, *first - 1);
}

void FollowedFeed::push(FeedNumber number) {
  acknowledged_ = cursor();  // what was stepped over since the last acknowledged push stays settled
  seen_ = pushed_ = number;
}

void FollowedFeed::step(FeedNumber number) {
  seen_ = number;
  if (has(number)) due_ = true;
}

Status FollowedFeed::acknowledge(FeedNumber number) {
  // It came over the connection before, and the peer's XEP-0198 sent the acknowledgement again.
  if (number > pushed_ && number <= pushed_before_) claim(number);
  if (number > pushed_ && !has(number))
    return Error{ErrorCode::kInvalidArgument, "acknowledged more than was pushed"};
  if (number <= acknowledged_ || number > pushed_) return {};
  acknowledged_ = number;
  due_ = true;
  return {};
}

void FollowedFeed::rewind() {
  pushed_before_ = std::max(pushed_before_, pushed_);
  seen_ = pushed_ = acknowledged_ = cursor();
  claimed_ = 0;
}

void FollowedFeed::reset() {
  seen_ = pushed_ = acknowledged_ = taken_ = claimed_ = pushed_before_ = 0;
  due_ = false;
  key.reset();
}

std::optional<FeedNumber> FollowedFeed::take(bool ending) {
  const bool wanted = due_ || ending;
  due_ = false;
  if (!wanted || cursor() <= taken_) return std::nullopt;
  taken_ = cursor();
  return taken_;
}

}  // namespace longwire::channels
