#pragma once

// FollowHub: how a front end's sessions follow feeds. One per front-end loop.
//
// The hub tells a feed's owner of its interest once, whatever the number of its sessions, keeps a
// window of the latest entries, and gives each listener every entry after its number: in order,
// without gaps, each once. A listener far behind is caught up by reading, page by page, and then
// joins the window. A hole in the owner's sequence, a new owner, or a lost message means the hub
// asks again; listeners never notice.
//
// Back-pressure: a paused listener costs one number; resumed, it continues where it was.

#include <cstdint>
#include <span>

#include "middle/model/ids.h"
#include "middle/model/message.h"

namespace longwire::middle {

enum class SubscriptionId : std::uint64_t { kNone = 0 };

// Loop-bound. Entries are contiguous: first.number is the last delivered + 1, or, where the oldest
// kept is beyond that, `oldest`. Expired, recalled and collapsed ones come too (without body):
// stepping is the listener's job. It may pause, resume or unsubscribe from inside the call (also
// other subscriptions).
class FeedListener {
 public:
  virtual ~FeedListener() = default;
  virtual void on_entries(SubscriptionId subscription, const FeedId& feed,
                          std::span<const EntryPtr> entries) = 0;
  // The feed was restored or begun anew, as `incarnation`: numbers mean something else now. The
  // subscription lives on; delivery restarts at the oldest kept.
  virtual void on_feed_reset(SubscriptionId subscription, const FeedId& feed,
                             const Incarnation& incarnation) = 0;
};

// Loop-bound.
class FollowHub {
 public:
  virtual ~FollowHub() = default;
  // Entries come by later turns of the loop, never inside the call.
  virtual SubscriptionId subscribe(FeedId feed, FeedNumber after, FeedListener& listener) = 0;
  virtual void unsubscribe(SubscriptionId subscription) = 0;
  virtual void pause(SubscriptionId subscription) = 0;
  virtual void resume(SubscriptionId subscription) = 0;
  // There are entries that it has not got, as it is paused or they are being read; or there may be:
  // the feed's owner is asked what follows.
  virtual bool is_behind(SubscriptionId subscription) const = 0;
};

}  // namespace longwire::middle
