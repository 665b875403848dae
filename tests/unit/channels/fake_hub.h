#pragma once

// A hub whose entries come when a test says so.

#include <cstdint>
#include <map>
#include <vector>

#include "base/check.h"
#include "middle/route/follow_hub.h"

namespace longwire::channels {

class FakeHub final : public middle::FollowHub {
 public:
  struct Subscription {
    middle::FeedId feed;
    middle::FeedNumber after = 0;
    middle::FeedListener* listener = nullptr;
    bool paused = false;
  };
  std::map<std::uint64_t, Subscription> live;
  std::size_t subscribed = 0;  // ever

  middle::SubscriptionId subscribe(middle::FeedId feed, middle::FeedNumber after,
                                   middle::FeedListener& listener) override {
    ++subscribed;
    live[++last_] = {std::move(feed), after, &listener, false};
    return middle::SubscriptionId{last_};
  }
  void unsubscribe(middle::SubscriptionId id) override {
    CHECK(live.erase(static_cast<std::uint64_t>(id)) == 1);
  }
  void pause(middle::SubscriptionId id) override { at(id).paused = true; }
  void resume(middle::SubscriptionId id) override { at(id).paused = false; }
  bool is_behind(middle::SubscriptionId) const override { return false; }

  const Subscription* of(const std::string& feed) const {
    for (const auto& [id, subscription] : live)
      if (subscription.feed.value() == feed) return &subscription;
    return nullptr;
  }
  // Gives `entries` to whoever follows the feed, in one call.
  void give(const std::string& feed, const std::vector<middle::EntryPtr>& entries) {
    for (const auto& [id, subscription] : std::map(live))
      if (subscription.feed.value() == feed && live.count(id) == 1)
        subscription.listener->on_entries(middle::SubscriptionId{id}, subscription.feed, entries);
  }
  void reset(const std::string& feed, const std::string& incarnation) {
    for (const auto& [id, subscription] : std::map(live))
      if (subscription.feed.value() == feed)
        subscription.listener->on_feed_reset(middle::SubscriptionId{id}, subscription.feed,
                                             middle::Incarnation(incarnation));
  }

 private:
  Subscription& at(middle::SubscriptionId id) { return live.at(static_cast<std::uint64_t>(id)); }
  std::uint64_t last_ = 0;
};

}  // namespace longwire::channels
