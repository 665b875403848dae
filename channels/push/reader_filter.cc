#include "channels/push/reader_filter.h"

#include <algorithm>
#include <utility>

namespace longwire::channels {

namespace {

bool carries(const std::vector<middle::TagInterval>& carried, const middle::Tag& tag,
             middle::FeedNumber number) {
  return std::any_of(carried.begin(), carried.end(), [&](const middle::TagInterval& interval) {
    return interval.tag == tag && number >= interval.app_since &&
           (!interval.app_until.has_value() || number < *interval.app_until);
  });
}

}  // namespace

bool matches(const middle::TagExpression& expression,
             const std::vector<middle::TagInterval>& carried, middle::FeedNumber number) {
  const auto& tags = expression.tags;
  auto carried_here = [&](const middle::Tag& tag) { return carries(carried, tag, number); };
  if (tags.empty()) return false;
  switch (expression.op) {
    case middle::TagOperator::kUnion:
      return std::any_of(tags.begin(), tags.end(), carried_here);
    case middle::TagOperator::kIntersection:
      return std::all_of(tags.begin(), tags.end(), carried_here);
    case middle::TagOperator::kExcept:
      return carried_here(tags.front()) && std::none_of(tags.begin() + 1, tags.end(), carried_here);
  }
  return false;
}

bool is_gone(const middle::Entry& entry, Timestamp now) {
  if (entry.expires <= now || entry.recalled) return true;
  return entry.kind == middle::EntryKind::kMessage && entry.body.empty();
}

bool is_collapsed(const middle::Entry& entry, std::span<const middle::EntryPtr> span,
                  Timestamp now) {
  if (entry.collapse_key.empty() || entry.kind != middle::EntryKind::kMessage) return false;
  return std::any_of(span.begin(), span.end(), [&](const middle::EntryPtr& other) {
    return other->collapse_key == entry.collapse_key &&
           other->kind == middle::EntryKind::kMessage && !other->filter.has_value() &&
           std::pair(other->accepted, other->number) > std::pair(entry.accepted, entry.number) &&
           !is_gone(*other, now);
  });
}

}  // namespace longwire::channels
