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
  if (tags.empty()) return false;
  switch (expression.op) {
    case TagOperator::kUnion:
      return std::any_of(tags.begin(), tags.end(), carried);
    case TagOperator::kIntersection:
      return std::all_of(tags.begin(), tags.end(), carried);
    case TagOperator::kExcept:
      return carried(tags.front()) && std::none_of(tags.begin() + 1, tags.end(), carried);
  }
  return false;
}

bool entry_admits(const Entry& entry, const PackageName& package,
                  const std::vector<TagInterval>& intervals) {
  const auto& packages = entry.packages;
  if (!packages.empty() && std::find(packages.begin(), packages.end(), package) == packages.end())
    return false;
  return !entry.filter || expression_holds(*entry.filter, entry.number, intervals);
}

bool entry_addresses(const Entry& entry, const FeedId& feed, const Registration& reader) {
  if (!entry_admits(entry, reader.package, reader.tags)) return false;
  switch (feed_kind(feed)) {
    case FeedKind::kInbox:
    case FeedKind::kArchive:
      return true;
    case FeedKind::kTopic:
      return in_topic(entry.number, feed, reader);
    case FeedKind::kApp:
      return entry.number >= reader.app_since;
  }
  return false;
}

}  // namespace longwire::middle
