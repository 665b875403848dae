#pragma once

// FollowHubImpl: the FollowHub of a front end (follow_hub.h has the contract).
//
// Per feed one interest, told to its owner through the link, and a window: the latest entries, a
// contiguous run that ends at the highest number known. A subscription is one number in its feed's
// list; it is served from the window, or, where it is behind that, by reads which sweep the feed
// upwards and serve every subscription they pass. Feeds with one subscription keep no entry that
// was delivered.
//
// One timer per hub renews leases, repeats what was refused or not answered, and forgets feeds that
// nobody follows any more.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/environment.h"
#include "middle/route/feed_stream.h"
#include "middle/route/follow_hub.h"
#include "middle/service.h"

namespace longwire::middle {

struct FollowHubOptions {
  std::size_t window_entries = 256;                 // of one feed
  std::size_t window_bytes_max = 64 * 1024 * 1024;  // of all windows; above it windows are short
  std::size_t delivery_entries_max = 64;            // in one call of a listener
  std::size_t turn_members_max = 128;               // served of one feed before others have a turn
  std::size_t idle_feeds_max = 1024;                // kept a while after their last subscription
  std::chrono::milliseconds idle_for = std::chrono::seconds(20);
  std::chrono::milliseconds tick = std::chrono::milliseconds(250);
  std::chrono::milliseconds renew_every = std::chrono::seconds(5);
  std::chrono::milliseconds answer_within = std::chrono::seconds(3);  // else: ask again
  std::chrono::milliseconds retry_min = std::chrono::milliseconds(250);
  std::chrono::milliseconds retry_max = std::chrono::seconds(10);
  std::size_t reads_max = 32;  // catch-up reads under way
  std::size_t read_entries_max = 64;
  std::size_t read_bytes_max = 256 * 1024;
};

// Loop-bound to environment.executor. Must not be destroyed from inside a listener's call.
class FollowHubImpl final : public FollowHub {
 public:
  // As Service::read_feed.
  using Read = std::function<void(ReadRequest, Callback<FeedPage>)>;

  // `partitions` as the storage was made with. `out` and everything in `environment` outlive the
  // hub.
  FollowHubImpl(NodeId node, std::uint16_t partitions, Environment environment, InterestSink& out,
                Read read, FollowHubOptions options = {});
  ~FollowHubImpl() override;
  FollowHubImpl(const FollowHubImpl&) = delete;
  FollowHubImpl& operator=(const FollowHubImpl&) = delete;

  SubscriptionId subscribe(FeedId feed, FeedNumber after, FeedListener& listener) override;
  void unsubscribe(SubscriptionId subscription) override;
  void pause(SubscriptionId subscription) override;
  void resume(SubscriptionId subscription) override;
  bool is_behind(SubscriptionId subscription) const override;

  // From the link, on the hub's loop.
  void receive(StreamMessage message);
  // Partitions that have other owners now: these are asked at once.
  void owners_changed(const std::vector<bool>& partitions);

  std::size_t feeds() const { return feeds_by_name_.size(); }
  std::size_t window_bytes() const { return window_bytes_; }

 private:
  struct Member;
  struct Feed;
  struct Stream;
  struct Slot {
    Feed* feed = nullptr;  // null: free
    std::uint32_t member = 0;
    std::uint32_t generation = 0;
  };
  struct IdleFeed {
    FeedId feed;
    MonotonicTime since{};
  };

  // Subscriptions and delivery (follow_hub_impl.cc).
  const Slot* find_slot(SubscriptionId subscription) const;
  Feed& feed_named(FeedId name);
  void remove_member(Feed& feed, std::uint32_t index);
  void compact(Feed& feed);
  void queue_work(Feed& feed);
  void run_work();
  void queue_turn(Feed& feed);
  void pump(Feed& feed);
  void serve(Feed& feed);
  void serve_some(Feed& feed);
  void deliver_to_all(Feed& feed, const std::vector<EntryPtr>& entries);
  std::uint32_t deliver(Feed& feed, const std::vector<EntryPtr>& entries, std::uint32_t index,
                        std::size_t members_max);
  void deliver_to(Feed& feed, std::uint32_t index, const std::vector<EntryPtr>& entries);
  void merge(Feed& feed, std::vector<EntryPtr> entries);
  void trim_window(Feed& feed);
  void clear_window(Feed& feed);
  void restart(Feed& feed, const Incarnation& incarnation);
  std::uint32_t incarnation_index(const Incarnation& incarnation);
  void grow_idle(Feed& feed);
  void forget_idle();

  // Streams to the owners (follow_hub_streams.cc).
  void ask_feed(Feed& feed);
  void ask_later(const FeedId& feed);
  void post_flush();
  void flush();
  void open_stream(Stream& stream);
  void lost(Stream& stream, StreamId above);
  void send(Stream& stream, bool renew);
  void take_item(StreamItem& item);
  void take_published(Feed& feed, StreamItem& item);
  void take_answer(Feed& feed, StreamItem& item);
  void tick();
  void tick_stream(Stream& stream, MonotonicTime now);
  void tick_retries(MonotonicTime now);
  void ask_unanswered(MonotonicTime now);

  // Catching up (follow_hub_reads.cc).
  void want_read(Feed& feed);
  void start_reads();
  void start_read(Feed& feed);
  void take_page(Feed& feed, Result<FeedPage> page);
  void raise_to_oldest(Feed& feed, FeedNumber oldest);
  bool next_lagging(Feed& feed, FeedNumber& next) const;

  const NodeId node_;
  Environment environment_;
  InterestSink& out_;
  Read read_;
  const FollowHubOptions options_;
  std::unordered_map<std::string_view, std::unique_ptr<Feed>> feeds_by_name_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<Stream> streams_;            // by partition
  std::vector<Incarnation> incarnations_;  // feeds hold an index: a string each would be too much
  std::vector<Feed*> work_;                // to be pumped in a turn to come
  std::vector<FeedId> retries_;            // to be asked or read again at retry_at_
  MonotonicTime retry_at_{};
  MonotonicTime looked_at_{};
  std::deque<Feed*> want_read_;
  std::deque<IdleFeed> idle_;
  std::size_t reads_under_way_ = 0;
  std::size_t window_bytes_ = 0;
  std::uint64_t feeds_made_ = 0;
  bool flush_posted_ = false;
  TimerId tick_timer_ = TimerId::kNone;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards posted work and reads
};

}  // namespace longwire::middle
