#include "middle/registry/tags.h"

#include <algorithm>
#include <utility>

#include "middle/registry/registrations.h"

namespace longwire::middle {
namespace {

constexpr std::chrono::milliseconds kIntervalsRetry = std::chrono::hours(1);

void put_change(Transaction& transaction, TopicChange change) {
  Bytes key = topic_change_key(transaction.position(), change.registration, change.tag);
  transaction.put(std::move(key), encode(TopicChangeRow{std::move(change)}));
}

void prune_ended(RegistrationRow& row, Timestamp now, std::chrono::milliseconds kept) {
  auto& tags = row.registration.tags;
  for (std::size_t i = tags.size(); i-- > 0;) {
    if (!tags[i].topic_until || row.tag_ended[i] + kept > now) continue;
    tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(i));
    row.tag_ended.erase(row.tag_ended.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace

bool carries(const Registration& registration, const Tag& tag) {
  return std::any_of(registration.tags.begin(), registration.tags.end(),
                     [&](const TagInterval& i) { return i.tag == tag && !i.topic_until; });
}

Status begin_tag(Transaction& transaction, RegistrationRow& row, const Tag& tag, TagTails tails,
                 const TagLimits& limits) {
  auto& tags = row.registration.tags;
  if (carries(row.registration, tag)) return {};
  prune_ended(row, transaction.now(), limits.kept);
  const auto carried =
      std::count_if(tags.begin(), tags.end(), [](const TagInterval& i) { return !i.topic_until; });
  if (static_cast<std::size_t>(carried) >= limits.tags_max)
    return Error{ErrorCode::kResourceExhausted, "too many topics on this registration"};
  const auto ended =
      std::count_if(tags.begin(), tags.end(), [&](const TagInterval& i) { return i.tag == tag; });
  if (static_cast<std::size_t>(ended) >= limits.intervals_max)
    return Error{ErrorCode::kUnavailable, "this topic was changed too often, try later",
                 kIntervalsRetry};
  tags.push_back({tag, tails.topic + 1, std::nullopt, tails.app + 1, std::nullopt});
  row.tag_ended.push_back({0});
  note_topic_change(transaction, row.registration, tag, tails.topic + 1, std::nullopt);
  store_registration(transaction, row);
  return {};
}

Status end_tag(Transaction& transaction, RegistrationRow& row, const Tag& tag, TagTails tails) {
  auto& tags = row.registration.tags;
  auto found = std::find_if(tags.begin(), tags.end(),
                            [&](const TagInterval& i) { return i.tag == tag && !i.topic_until; });
  if (found == tags.end()) return {};
  found->topic_until = std::max(tails.topic + 1, found->topic_since);
  found->app_until = std::max(tails.app + 1, found->app_since);
  row.tag_ended[static_cast<std::size_t>(found - tags.begin())] = transaction.now();
  note_topic_change(transaction, row.registration, tag, found->topic_since, found->topic_until);
  store_registration(transaction, row);
  return {};
}

void note_topic_change(Transaction& transaction, const Registration& registration, const Tag& tag,
                       FeedNumber since, std::optional<FeedNumber> until) {
  put_change(transaction, {.app = registration.app,
                           .tag = tag,
                           .registration = registration.id,
                           .carried = !until.has_value(),
                           .since = since,
                           .until = until});
}

void end_topic_change(Transaction& transaction, const Registration& registration, const Tag& tag,
                      FeedNumber since) {
  put_change(transaction, {.app = registration.app,
                           .tag = tag,
                           .registration = registration.id,
                           .carried = false,
                           .since = since,
                           .until = std::nullopt});
}

}  // namespace longwire::middle
