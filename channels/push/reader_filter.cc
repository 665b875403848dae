#include "channels/push/reader_filter.h"

#include <algorithm>
#include <utility>

namespace longwire::channels {

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
