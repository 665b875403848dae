#include <algorithm>
#include <utility>

#include "middle/route/follow_hub_feed.h"
#include "middle/route/follow_hub_impl.h"

namespace longwire::middle {

// The subscription that the next read is for: the lowest at or above where the last read ended, or
// else the lowest. So reads sweep the feed upwards, and each serves all whom it passes.
bool FollowHubImpl::next_lagging(Feed& feed, FeedNumber& next) const {
  const FeedNumber base = feed.window_base();
  bool any = false;
  bool above = false;
  for (const Member& member : feed.members) {
    if (member.paused || member.next >= base || member.listener == nullptr) continue;
    const bool is_above = member.next >= feed.sweep;
    if (!any || (is_above && !above) || (is_above == above && member.next < next)) {
      next = member.next;
      above = is_above;
    }
    any = true;
  }
  return any;
}

void FollowHubImpl::want_read(Feed& feed) {
  FeedNumber next = 0;
  if (feed.reading || feed.read_queued || !feed.head_known || !next_lagging(feed, next)) return;
  feed.read_queued = true;
  want_read_.push_back(&feed);
  start_reads();
}

void FollowHubImpl::start_reads() {
  while (reads_under_way_ < options_.reads_max && !want_read_.empty()) {
    Feed& feed = *want_read_.front();
    want_read_.pop_front();
    feed.read_queued = false;
    start_read(feed);
  }
}

void FollowHubImpl::start_read(Feed& feed) {
  FeedNumber next = 0;
  if (!feed.head_known || !next_lagging(feed, next)) return;
  feed.reading = true;
  ++reads_under_way_;
  ReadRequest request;
  request.feed = feed.name;
  request.after = next - 1;
  request.entries_max = options_.read_entries_max;
  request.bytes_max = options_.read_bytes_max;
  feed.sweep = next;
  // A feed that is being read is not forgotten: the reference stays good.
  read_(std::move(request),
        [this, alive = std::weak_ptr<bool>(alive_), &feed](Result<FeedPage> page) {
          if (alive.expired()) return;
          --reads_under_way_;
          feed.reading = false;
          take_page(feed, std::move(page));
          start_reads();
        });
}

void FollowHubImpl::take_page(Feed& feed, Result<FeedPage> page) {
  if (!page.ok()) return ask_later(feed.name);
  if (!feed.known() || incarnation_index(page->incarnation) != feed.incarnation) {
    // Only the stream says which of two incarnations is the newer.
    feed.asking = true;
    return ask_later(feed.name);
  }
  raise_to_oldest(feed, page->oldest);
  const bool stuck = page->entries.empty() && page->oldest <= feed.sweep;
  if (!page->entries.empty()) {
    feed.sweep = page->entries.back()->number + 1;
    deliver_to_all(feed, page->entries);
    if (page->entries.back()->number > feed.head) merge(feed, std::move(page->entries));
  }
  if (stuck) return ask_later(feed.name);  // the reader is behind what was published already
  pump(feed);
}

void FollowHubImpl::raise_to_oldest(Feed& feed, FeedNumber oldest) {
  if (oldest <= feed.oldest) return;
  feed.oldest = oldest;
  for (Member& member : feed.members) member.next = std::max(member.next, oldest);
}

}  // namespace longwire::middle
