#include "middle/target/audience.h"

#include <algorithm>

namespace longwire::middle {
namespace {

bool covers(FeedNumber number, FeedNumber since, const std::optional<FeedNumber>& until) {
  return number >= since && (!until || number < *until);
}

bool carried_at(const Tag& tag, FeedNumber number, const std::vector<TagInterval>& intervals) {
  return std::any_of(intervals.begin(), intervals.end(), [&](const TagInterval& interval) {
    return interval.tag == tag && covers(number, interval.app_since, interval.app_until);
  });
}

bool in_topic(FeedNumber number, const FeedId& feed, const Registration& reader) {
  return std::any_of(reader.tags.begin(), reader.tags.end(), [&](const TagInterval& interval) {
    return topic_feed(reader.app, interval.tag) == feed &&
           covers(number, interval.topic_since, interval.topic_until);
  });
}

}  // namespace

bool expression_holds(const TagExpression& expression, FeedNumber number,
                      const std::vector<TagInterval>& intervals) {
  const auto carried = [&](const Tag& tag) { return carried_at(tag, number, intervals); };
  const auto& tags = expression.tags;
  switch (expression.op) {
    case TagOperator::kUnion:
      return std::any_of(tags.begin(), tags.end(), carried);
    case TagOperator::kIntersection:
      return std::all_of(tags.begin(), tags.end(), carried);
    case TagOperator::kExcept:
      return !tags.empty() && carried(tags.front()) &&
             std::none_of(tags.begin() + 1, tags.end(), carried);
  }
  return false;
}

bool entry_addresses(const Entry& entry, const FeedId& feed, const Registration& reader) {
  if (!entry.packages.empty() && std::find(entry.packages.begin(), entry.packages.end(),
                                           reader.package) == entry.packages.end()) {
    return false;
  }
  switch (feed_kind(feed)) {
    case FeedKind::kInbox:
    case FeedKind::kArchive:
      return true;
    case FeedKind::kTopic:
      return in_topic(entry.number, feed, reader);
    case FeedKind::kApp:
      break;
  }
  return entry.number >= reader.app_since &&
         (!entry.filter || expression_holds(*entry.filter, entry.number, reader.tags));
}

}  // namespace longwire::middle
