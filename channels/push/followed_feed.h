#pragma once

// FollowedFeed: where one registration stands in one feed, on one connection. Numbers only; no I/O.
//
// Four numbers, each only rising but for rewind(): acknowledged <= pushed <= seen, and the claim.
// What the hub gave is seen; of that, what was written to the peer is pushed, the rest was stepped
// over. The cursor is what may be stored: behind the last push while it is not acknowledged, at
// `seen` once it is, so that steps are stored with the next acknowledgement.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "channels/aead/seal.h"
#include "middle/model/ids.h"
#include "middle/model/registry.h"
#include "middle/route/follow_hub.h"

namespace longwire::channels {

// A reader's stretch of a feed.
struct FeedInterval {
  middle::FeedNumber since = 1;
  std::optional<middle::FeedNumber> until;  // first number no longer covered
  bool covers(middle::FeedNumber number) const {
    return number >= since && (!until.has_value() || number < *until);
  }
};

// Whether and how the hub gives it entries now.
enum class Following : std::uint8_t {
  kNot,     // not begun, or nothing more can come
  kYes,     // subscribed
  kPaused,  // subscribed, the hub holds back
  kParked,  // not subscribed while the peer does not read: begins again after `seen`
};

// Loop-bound.
class FollowedFeed final {
 public:
  FollowedFeed(middle::FeedId id, middle::FeedNumber cursor);

  const middle::FeedId& id() const { return id_; }
  middle::FeedNumber seen() const { return seen_; }
  middle::FeedNumber cursor() const { return acknowledged_ >= pushed_ ? seen_ : acknowledged_; }

  void clear_intervals() { intervals_.clear(); }
  bool has_intervals() const { return !intervals_.empty(); }
  void add_interval(FeedInterval interval) { intervals_.push_back(interval); }
  bool covers(middle::FeedNumber number) const;
  // No entry after `seen` can be covered.
  bool ended() const;
  // Steps over what lies before the next interval, which nobody needs to read.
  void skip_gap();

  // The peer says that it has everything up to `number`. What it has is stepped over as it comes
  // by, so a claim beyond the feed's end moves no cursor.
  void claim(middle::FeedNumber number) { claimed_ = std::max(claimed_, number); }
  bool has(middle::FeedNumber number) const { return number <= claimed_; }

  void push(middle::FeedNumber number);
  void step(middle::FeedNumber number);
  // kInvalidArgument: above what was pushed in this session; nothing moved.
  Status acknowledge(middle::FeedNumber number);

  // A new connection: what was pushed and not acknowledged is to be read again.
  void rewind();
  // Numbers mean something else now.
  void reset();

  // An acknowledgement waits to be stored.
  bool due() const { return due_ && cursor() > taken_; }
  // The cursor, once, if it has risen since it was last taken. Steps alone count only when
  // `ending`.
  std::optional<middle::FeedNumber> take(bool ending);

  middle::SubscriptionId subscription = middle::SubscriptionId::kNone;
  std::unique_ptr<SealKey>
      key;  // derived with the first push: most feeds of an idle device get none
  Following following = Following::kNot;

 private:
  bool due_ = false;
  middle::FeedId id_;
  std::vector<FeedInterval> intervals_;
  middle::FeedNumber seen_;
  middle::FeedNumber pushed_;
  middle::FeedNumber acknowledged_;
  middle::FeedNumber taken_;
  middle::FeedNumber claimed_ = 0;
  middle::FeedNumber pushed_before_ = 0;  // on an earlier connection of this session
};

}  // namespace longwire::channels
