#pragma once

// The inside of FollowHubImpl: what it keeps per subscription, feed and stream. Included by its
// three .cc files only.

#include <cstdint>
#include <vector>

#include "middle/route/follow_hub_impl.h"

namespace longwire::middle {

// A subscription, in its feed's list: small and side by side, since one entry goes through all.
struct FollowHubImpl::Member {
  FeedNumber next = 1;               // what it is to get next
  FeedListener* listener = nullptr;  // null: gone, the place is freed after the loop over the list
  std::uint32_t slot = 0;
  bool paused = false;
};

struct FollowHubImpl::Feed {
  FeedId name;
  std::uint64_t id = 0;  // tells a feed from a later one of the same name
  std::vector<Member> members;
  std::vector<EntryPtr> window;  // contiguous; the last one's number is `head`
  FeedNumber head = 0;           // highest number known to be committed
  FeedNumber ahead = 0;          // highest number published while `asking`
  FeedNumber oldest = 1;
  FeedNumber sweep = 0;      // where the next catch-up read looks first
  MonotonicTime asked_at{};  // while `asking`
  MonotonicTime idle_since{};
  std::uint32_t incarnation = 0;  // index + 1; 0: not answered yet
  std::uint32_t served = 0;       // members that the round under way has passed; 0: there is none
  PartitionId partition = 0;
  bool head_known = false;
  bool asking = false;
  bool reading = false;
  bool work_queued = false;
  bool read_queued = false;
  bool idle_queued = false;
  bool delivering = false;   // the list must not be reordered
  bool has_gone = false;     // members to be freed after delivery
  bool round_again = false;  // one that the round has passed may have something to get

  bool known() const { return incarnation != 0; }
  FeedNumber window_base() const { return head + 1 - window.size(); }
  // One reader, or a feed of one account: entries are passed on and not kept.
  bool shared() const {
    const FeedKind kind = feed_kind(name);
    return members.size() > 1 && (kind == FeedKind::kTopic || kind == FeedKind::kApp);
  }
};

struct FollowHubImpl::Stream {
  PartitionId partition = 0;
  StreamId id = 0;  // 0: never asked for anything
  OwnerId owner = 0;
  bool open = false;  // asked and not given up
  StreamNumber taken = 0;
  StreamNumber taken_told = 0;
  std::size_t bytes_untold = 0;
  StreamNumber changes_sent = 0;
  bool lease_asked = false;
  MonotonicTime lease_due{};
  MonotonicTime renew_at{};
  MonotonicTime asked_at{};
  MonotonicTime retry_at{};
  std::chrono::milliseconds backoff{0};
  std::vector<InterestChange> pending;
};

}  // namespace longwire::middle
