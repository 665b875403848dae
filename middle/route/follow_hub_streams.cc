#include <algorithm>
#include <utility>

#include "middle/route/follow_hub_feed.h"
#include "middle/route/follow_hub_impl.h"

namespace longwire::middle {

namespace {

constexpr std::size_t kChangesPerMessage = 1024;
// How much is taken before the owner is told without being asked.
constexpr StreamNumber kItemsUntoldMax = 1024;
constexpr std::size_t kBytesUntoldMax = 2 * 1024 * 1024;

std::size_t size_of(const StreamItem& item) {
  std::size_t size = 0;
  for (const EntryPtr& entry : item.entries) size += sizeof(Entry) + entry->body.size();
  return size;
}

}  // namespace

// ---- what goes out

void FollowHubImpl::ask_feed(Feed& feed) {
  feed.asking = true;
  feed.asked_at = environment_.clock.monotonic();
  streams_[feed.partition].pending.push_back({feed.name, true, feed.head});
  post_flush();
}

void FollowHubImpl::ask_later(const FeedId& feed) {
  if (retries_.empty()) retry_at_ = environment_.clock.monotonic() + options_.retry_min;
  retries_.push_back(feed);
}

void FollowHubImpl::post_flush() {
  if (std::exchange(flush_posted_, true)) return;
  environment_.executor.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) flush();
  });
}

void FollowHubImpl::flush() {
  flush_posted_ = false;
  if (tick_timer_ == TimerId::kNone) {
    tick_timer_ = environment_.executor.schedule(options_.tick, [this] { tick(); });
  }
  for (Stream& stream : streams_) {
    if (stream.pending.empty()) continue;
    if (stream.open) {
      send(stream, false);
    } else if (stream.id == 0) {
      open_stream(stream);
    } else {
      stream.pending.clear();  // the next stream asks for everything
    }
  }
}

// Asks the partition's owner, whoever that is now, for every feed followed there.
void FollowHubImpl::open_stream(Stream& stream) {
  const MonotonicTime now = environment_.clock.monotonic();
  // Above those of an earlier process under the same name.
  if (stream.id == 0) {
    stream.id = static_cast<StreamId>(std::max<std::int64_t>(environment_.clock.now().ms, 0))
                << 16U;
  }
  ++stream.id;
  stream.open = true;
  stream.owner = 0;
  stream.taken = stream.taken_told = stream.changes_sent = 0;
  stream.bytes_untold = 0;
  stream.asked_at = now;
  stream.pending.clear();
  for (auto& [name, feed] : feeds_by_name_) {
    if (feed->partition != stream.partition) continue;
    feed->asking = true;
    feed->ahead = 0;
    feed->asked_at = now;
    stream.pending.push_back({feed->name, true, feed->head});
  }
  send(stream, true);
}

void FollowHubImpl::send(Stream& stream, bool renew) {
  std::vector<InterestChange> changes = std::exchange(stream.pending, {});
  std::size_t sent = 0;
  do {
    InterestMessage message;
    message.node = node_;
    message.partition = stream.partition;
    message.stream = stream.id;
    message.first = stream.changes_sent + 1;
    message.taken = stream.taken;
    const std::size_t count = std::min(kChangesPerMessage, changes.size() - sent);
    message.changes.reserve(count);
    for (std::size_t i = 0; i < count; ++i) message.changes.push_back(std::move(changes[sent + i]));
    sent += count;
    stream.changes_sent += count;
    message.renew = renew && sent == changes.size();
    out_.to_owner(std::move(message));
  } while (sent < changes.size());
  stream.taken_told = stream.taken;
  stream.bytes_untold = 0;
  if (!renew) return;
  const MonotonicTime now = environment_.clock.monotonic();
  stream.lease_asked = true;
  stream.lease_due = now + options_.answer_within;
  stream.renew_at = now + options_.renew_every;
}

// The stream is worth nothing any more. The first time it is asked for again at once.
void FollowHubImpl::lost(Stream& stream, StreamId above) {
  const MonotonicTime now = environment_.clock.monotonic();
  stream.id = std::max(stream.id, above);
  stream.open = false;
  stream.lease_asked = false;
  stream.pending.clear();
  stream.retry_at = stream.asked_at + stream.backoff;
  stream.backoff = std::clamp(stream.backoff * 2, options_.retry_min, options_.retry_max);
  if (stream.retry_at <= now) open_stream(stream);
}

// ---- what comes in

void FollowHubImpl::receive(StreamMessage message) {
  if (message.partition >= streams_.size()) return;
  Stream& stream = streams_[message.partition];
  if (!stream.open || message.stream != stream.id) return;
  if (message.closed) return lost(stream, message.first);
  if (stream.owner == 0) stream.owner = message.owner;
  const bool hole = message.first > stream.taken + 1;
  if (message.owner != stream.owner || hole) return lost(stream, 0);
  auto skip = static_cast<std::size_t>(stream.taken + 1 - message.first);
  for (; skip < message.items.size(); ++skip) {
    ++stream.taken;
    stream.bytes_untold += size_of(message.items[skip]);
    take_item(message.items[skip]);
  }
  if (message.lease && stream.lease_asked) {
    stream.lease_asked = false;
    stream.backoff = std::chrono::milliseconds(0);
  }
  if (stream.taken - stream.taken_told >= kItemsUntoldMax ||
      stream.bytes_untold >= kBytesUntoldMax) {
    send(stream, false);
  }
}

void FollowHubImpl::owners_changed(const std::vector<bool>& partitions) {
  for (Stream& stream : streams_) {
    if (!partitions[stream.partition] || stream.id == 0) continue;
    stream.lease_asked = false;
    stream.backoff = std::chrono::milliseconds(0);
    open_stream(stream);
  }
}

void FollowHubImpl::take_item(StreamItem& item) {
  auto found = feeds_by_name_.find(item.feed.value());
  if (found == feeds_by_name_.end()) return;  // not followed any more
  Feed& feed = *found->second;
  switch (item.kind) {
    case StreamItemKind::kPublish:
      return take_published(feed, item);
    case StreamItemKind::kAnswer:
      return take_answer(feed, item);
    case StreamItemKind::kReset:
      return restart(feed, item.incarnation);
    case StreamItemKind::kAskLater:
      return ask_later(feed.name);
  }
}

// Before the answer nobody knows whether these numbers are of the incarnation that the hub knows: a
// reset may have been missed with the last stream. They are read once that is settled.
void FollowHubImpl::take_published(Feed& feed, StreamItem& item) {
  if (item.entries.empty()) return;
  if (feed.asking) {
    feed.ahead = std::max(feed.ahead, item.entries.back()->number);
    return;
  }
  merge(feed, std::move(item.entries));
  pump(feed);
}

void FollowHubImpl::take_answer(Feed& feed, StreamItem& item) {
  feed.asking = false;
  const std::uint32_t incarnation = incarnation_index(item.incarnation);
  if (feed.known() && feed.incarnation != incarnation) return restart(feed, item.incarnation);
  feed.incarnation = incarnation;
  raise_to_oldest(feed, item.oldest);
  const bool complete = item.entries.empty() || item.entries.back()->number >= item.tail;
  if (complete) {
    merge(feed, std::move(item.entries));
  } else {
    deliver_to_all(feed, item.entries);
  }
  const FeedNumber tail = std::max(item.tail, std::exchange(feed.ahead, 0));
  if (!feed.head_known || tail > feed.head) {
    clear_window(feed);
    feed.head = tail;
    feed.head_known = true;
  }
  pump(feed);
}

// ---- time

void FollowHubImpl::tick() {
  tick_timer_ = environment_.executor.schedule(options_.tick, [this] { tick(); });
  const MonotonicTime now = environment_.clock.monotonic();
  for (Stream& stream : streams_) tick_stream(stream, now);
  tick_retries(now);
  ask_unanswered(now);
  forget_idle();
  start_reads();
}

void FollowHubImpl::tick_stream(Stream& stream, MonotonicTime now) {
  if (stream.id == 0) return;
  if (!stream.open) {
    if (stream.retry_at <= now) open_stream(stream);
  } else if (stream.lease_asked) {
    if (stream.lease_due <= now) lost(stream, 0);
  } else if (stream.renew_at <= now) {
    send(stream, true);
  }
}

void FollowHubImpl::tick_retries(MonotonicTime now) {
  if (retries_.empty() || retry_at_ > now) return;
  for (const FeedId& name : std::exchange(retries_, {})) {
    auto found = feeds_by_name_.find(name.value());
    if (found == feeds_by_name_.end()) continue;
    Feed& feed = *found->second;
    if (feed.asking) {
      ask_feed(feed);
    } else {
      queue_work(feed);
    }
  }
}

// An owner that took a follow and never answered: rare, so looked for rarely.
void FollowHubImpl::ask_unanswered(MonotonicTime now) {
  if (now - looked_at_ < options_.renew_every) return;
  looked_at_ = now;
  for (auto& [name, feed] : feeds_by_name_) {
    if (feed->asking && now - feed->asked_at > 4 * options_.answer_within) ask_feed(*feed);
  }
}

}  // namespace longwire::middle
