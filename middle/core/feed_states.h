#pragma once

// FeedStates: what is known of shared feeds outside of their partitions: tails only rise, so a tail
// seen once is a lower bound for good. Saves asking the owner for each acknowledgement and login.
//
// Limit: kFeedsMax; beyond it everything is forgotten, and asked for again.

#include <algorithm>
#include <unordered_map>

#include "middle/peer_service.h"

namespace longwire::middle {

// Loop-bound.
class FeedStates final {
 public:
  static constexpr std::size_t kFeedsMax = 100'000;

  const FeedState* find(const FeedId& feed) const {
    auto found = states_.find(feed);
    return found == states_.end() ? nullptr : &found->second;
  }
  void put(const FeedId& feed, FeedState state) {
    if (states_.size() >= kFeedsMax) states_.clear();
    FeedState& known = states_[feed];
    state.tail = std::max(state.tail, known.tail);
    known = std::move(state);
  }
  // More was committed.
  void raise(const FeedId& feed, FeedNumber tail) {
    auto found = states_.find(feed);
    if (found != states_.end()) found->second.tail = std::max(found->second.tail, tail);
  }
  void forget(const FeedId& feed) { states_.erase(feed); }
  void clear() { states_.clear(); }

 private:
  std::unordered_map<FeedId, FeedState> states_;
};

}  // namespace longwire::middle
