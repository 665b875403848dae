#include "middle/route/follow_hub_impl.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "middle/route/follow_hub_feed.h"

namespace longwire::middle {

namespace {

std::size_t size_of(const EntryPtr& entry) { return sizeof(Entry) + entry->body.size(); }

SubscriptionId make_id(std::uint32_t slot, std::uint32_t generation) {
  return static_cast<SubscriptionId>((static_cast<std::uint64_t>(generation) << 32U) |
                                     (slot + 1ULL));
}

// Of a window that may not grow because all windows together are too large.
constexpr std::size_t kShortWindow = 8;

}  // namespace

FollowHubImpl::FollowHubImpl(NodeId node, std::uint16_t partitions, Environment environment,
                             InterestSink& out, Read read, FollowHubOptions options)
    : node_(std::move(node)),
      environment_(environment),
      out_(out),
      read_(std::move(read)),
      options_(options),
      streams_(partitions) {
  for (std::uint16_t i = 0; i < partitions; ++i) streams_[i].partition = i;
}

FollowHubImpl::~FollowHubImpl() { environment_.executor.cancel(tick_timer_); }

SubscriptionId FollowHubImpl::subscribe(FeedId name, FeedNumber after, FeedListener& listener) {
  Feed& feed = feed_named(std::move(name));
  std::uint32_t index = 0;
  if (free_slots_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.feed = &feed;
  slot.member = static_cast<std::uint32_t>(feed.members.size());
  Member member;
  member.next = std::max(after + 1, feed.oldest);
  member.listener = &listener;
  member.slot = index;
  feed.members.push_back(member);
  if (!feed.known() && !feed.asking) {
    feed.head = after;  // what the owner is asked to go on from; not known to be there
    ask_feed(feed);
  }
  if (feed.known() && member.next <= feed.head) queue_work(feed);
  return make_id(index, slot.generation);
}

FollowHubImpl::Feed& FollowHubImpl::feed_named(FeedId name) {
  auto found = feeds_by_name_.find(name.value());
  if (found != feeds_by_name_.end()) return *found->second;
  auto feed = std::make_unique<Feed>();
  feed->partition = partition_of(home_of(name), static_cast<std::uint16_t>(streams_.size()));
  feed->name = std::move(name);
  feed->id = ++feeds_made_;
  Feed& made = *feed;
  feeds_by_name_.emplace(made.name.value(), std::move(feed));
  return made;
}

const FollowHubImpl::Slot* FollowHubImpl::find_slot(SubscriptionId subscription) const {
  const auto value = static_cast<std::uint64_t>(subscription);
  const std::uint64_t index = (value & 0xffff'ffffU) - 1;
  if (value == 0 || index >= slots_.size()) return nullptr;
  const Slot& slot = slots_[index];
  return slot.feed != nullptr && slot.generation == (value >> 32U) ? &slot : nullptr;
}

void FollowHubImpl::unsubscribe(SubscriptionId subscription) {
  const Slot* found = find_slot(subscription);
  if (found == nullptr) return;
  Feed& feed = *found->feed;
  const std::uint32_t member = found->member;
  const std::uint32_t index = feed.members[member].slot;
  slots_[index].feed = nullptr;
  ++slots_[index].generation;
  free_slots_.push_back(index);
  if (feed.delivering) {
    feed.members[member].listener = nullptr;
    feed.has_gone = true;
    return;
  }
  remove_member(feed, member);
}

void FollowHubImpl::remove_member(Feed& feed, std::uint32_t index) {
  if (index + 1 != feed.members.size()) {
    feed.round_again = true;  // it may have been before the last one's turn
    feed.members[index] = feed.members.back();
    if (feed.members[index].listener != nullptr) slots_[feed.members[index].slot].member = index;
  }
  feed.members.pop_back();
  if (!feed.shared()) clear_window(feed);
  if (feed.members.empty()) grow_idle(feed);
}

void FollowHubImpl::compact(Feed& feed) {
  if (!std::exchange(feed.has_gone, false)) return;
  for (std::size_t i = feed.members.size(); i-- > 0;) {
    if (feed.members[i].listener == nullptr) remove_member(feed, static_cast<std::uint32_t>(i));
  }
}

void FollowHubImpl::pause(SubscriptionId subscription) {
  if (const Slot* slot = find_slot(subscription)) slot->feed->members[slot->member].paused = true;
}

void FollowHubImpl::resume(SubscriptionId subscription) {
  const Slot* slot = find_slot(subscription);
  if (slot == nullptr) return;
  Member& member = slot->feed->members[slot->member];
  if (!std::exchange(member.paused, false)) return;
  if (member.next <= slot->feed->head) queue_work(*slot->feed);
}

bool FollowHubImpl::is_behind(SubscriptionId subscription) const {
  const Slot* slot = find_slot(subscription);
  if (slot == nullptr) return false;
  return slot->feed->asking || slot->feed->members[slot->member].next <= slot->feed->head;
}

void FollowHubImpl::queue_work(Feed& feed) {
  feed.round_again = true;
  queue_turn(feed);
}

void FollowHubImpl::queue_turn(Feed& feed) {
  if (std::exchange(feed.work_queued, true)) return;
  work_.push_back(&feed);
  if (work_.size() > 1) return;
  environment_.executor.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) run_work();
  });
}

void FollowHubImpl::run_work() {
  for (Feed* feed : std::exchange(work_, {})) {
    feed->work_queued = false;
    serve(*feed);
  }
}

// Something is new. A round that is under way goes on in its own turn.
void FollowHubImpl::pump(Feed& feed) {
  if (feed.served > 0) return queue_work(feed);
  serve(feed);
}

// Gives every member what the window has for it; who is behind the window waits for a read. In
// rounds, of a feed with many members each of several turns: a broadcast holds up nobody else's
// entries for longer than one turn.
void FollowHubImpl::serve(Feed& feed) {
  if (!feed.known()) return;
  if (feed.delivering) return queue_work(feed);
  if (feed.served == 0) feed.round_again = false;
  serve_some(feed);
  trim_window(feed);
  if (feed.served > 0) return queue_turn(feed);
  if (feed.round_again) queue_turn(feed);
  want_read(feed);
}

void FollowHubImpl::serve_some(Feed& feed) {
  const bool any = !feed.window.empty();
  feed.served = any ? deliver(feed, feed.window, feed.served, options_.turn_members_max) : 0;
  compact(feed);
}

void FollowHubImpl::deliver_to_all(Feed& feed, const std::vector<EntryPtr>& entries) {
  deliver(feed, entries, 0, feed.members.size());
  compact(feed);
}

// `entries` are contiguous. Subscriptions made meanwhile are served by a later turn. Answers where
// to go on, 0 once it is through: at most so many get something, from the member at `index` on.
std::uint32_t FollowHubImpl::deliver(Feed& feed, const std::vector<EntryPtr>& entries,
                                     std::uint32_t index, std::size_t members_max) {
  const FeedNumber first = entries.front()->number;
  const FeedNumber last = entries.back()->number;
  const auto count = static_cast<std::uint32_t>(feed.members.size());
  feed.delivering = true;
  for (std::size_t served = 0; index < count && served < members_max; ++index) {
    const Member& member = feed.members[index];
    if (member.next < first || member.next > last) continue;
    deliver_to(feed, index, entries);
    ++served;
  }
  feed.delivering = false;
  return index < count ? index : 0;
}

void FollowHubImpl::deliver_to(Feed& feed, std::uint32_t index,
                               const std::vector<EntryPtr>& entries) {
  const FeedNumber first = entries.front()->number;
  const FeedNumber end = first + entries.size();
  // The list may grow, hence move, inside the listener's call: look the member up each time.
  for (;;) {
    Member& member = feed.members[index];
    if (member.listener == nullptr || member.paused || member.next >= end) return;
    const std::size_t from = static_cast<std::size_t>(member.next - first);
    const std::size_t count =
        std::min(options_.delivery_entries_max, static_cast<std::size_t>(end - member.next));
    member.next += count;
    member.listener->on_entries(make_id(member.slot, slots_[member.slot].generation), feed.name,
                                std::span<const EntryPtr>(entries).subspan(from, count));
  }
}

// Makes the window end at the last of `entries`; where they do not go on from it, it starts anew.
void FollowHubImpl::merge(Feed& feed, std::vector<EntryPtr> entries) {
  if (entries.empty()) return;
  const FeedNumber first = entries.front()->number;
  if (!feed.head_known || first > feed.head + 1) {
    clear_window(feed);
    feed.head = first - 1;
    feed.head_known = true;
  }
  for (EntryPtr& entry : entries) {
    if (entry->number != feed.head + 1) continue;
    ++feed.head;
    window_bytes_ += size_of(entry);
    feed.window.push_back(std::move(entry));
  }
}

void FollowHubImpl::trim_window(Feed& feed) {
  if (feed.delivering || feed.window.empty()) return;
  if (!feed.shared()) return clear_window(feed);
  const std::size_t keep =
      window_bytes_ > options_.window_bytes_max ? kShortWindow : options_.window_entries;
  // Half as much again before it is cut, so that the front is not moved at every entry.
  if (feed.window.size() <= keep + keep / 2) return;
  const auto cut = feed.window.end() - static_cast<std::ptrdiff_t>(keep);
  for (auto i = feed.window.begin(); i != cut; ++i) window_bytes_ -= size_of(*i);
  feed.window.erase(feed.window.begin(), cut);
}

void FollowHubImpl::clear_window(Feed& feed) {
  if (feed.window.capacity() == 0) return;
  for (const EntryPtr& entry : feed.window) window_bytes_ -= size_of(entry);
  feed.window = std::vector<EntryPtr>();
}

std::uint32_t FollowHubImpl::incarnation_index(const Incarnation& incarnation) {
  auto found = std::find(incarnations_.begin(), incarnations_.end(), incarnation);
  if (found == incarnations_.end()) found = incarnations_.insert(found, incarnation);
  return static_cast<std::uint32_t>(found - incarnations_.begin()) + 1;
}

// The numbers mean something else now: all start over, and the owner is asked from the beginning.
void FollowHubImpl::restart(Feed& feed, const Incarnation& incarnation) {
  clear_window(feed);
  feed.head = 0;
  feed.head_known = false;
  feed.ahead = 0;
  feed.oldest = 1;
  feed.sweep = 0;
  feed.incarnation = incarnation_index(incarnation);
  const auto count = static_cast<std::uint32_t>(feed.members.size());
  const bool nested = std::exchange(feed.delivering, true);
  CHECK(!nested);
  for (std::uint32_t i = 0; i < count; ++i) {
    Member& member = feed.members[i];
    if (member.listener == nullptr) continue;
    member.next = 1;
    const SubscriptionId id = make_id(member.slot, slots_[member.slot].generation);
    member.listener->on_feed_reset(id, feed.name, incarnation);
  }
  feed.delivering = false;
  compact(feed);
  ask_feed(feed);
}

void FollowHubImpl::grow_idle(Feed& feed) {
  feed.idle_since = environment_.clock.monotonic();
  if (std::exchange(feed.idle_queued, true)) return;
  idle_.push_back({feed.name, feed.idle_since});
}

void FollowHubImpl::forget_idle() {
  const MonotonicTime now = environment_.clock.monotonic();
  for (std::size_t n = idle_.size(); n > 0; --n) {
    const bool full = idle_.size() > options_.idle_feeds_max;
    if (!full && now - idle_.front().since < options_.idle_for) return;
    const IdleFeed idle = std::move(idle_.front());
    idle_.pop_front();
    auto found = feeds_by_name_.find(idle.feed.value());
    if (found == feeds_by_name_.end()) continue;
    Feed& feed = *found->second;
    feed.idle_queued = false;
    if (!feed.members.empty()) continue;
    const bool busy = feed.reading || feed.work_queued || feed.read_queued;
    if (busy || (!full && feed.idle_since != idle.since)) {
      feed.idle_queued = true;
      idle_.push_back({feed.name, feed.idle_since});
      continue;
    }
    streams_[feed.partition].pending.push_back({feed.name, false, 0});
    clear_window(feed);
    feeds_by_name_.erase(found);
    post_flush();
  }
}

}  // namespace longwire::middle
