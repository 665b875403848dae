#pragma once

// Signals: what the membership's one thread waits for. Its callers and the library's threads tell
// it here, and never do its work.

#include <chrono>
#include <condition_variable>
#include <optional>
#include <utility>
#include <vector>

#include "base/function.h"
#include "base/guarded.h"

namespace longwire::storage::zookeeper {

// The way to the servers, as the library sees it.
enum class Link {
  kAway,   // being looked for; the session may live on
  kThere,  // they answer
  kOver,   // the session has expired, or cannot be used any more
};

// Thread-safe.
class Signals final {
 public:
  struct State {
    bool stop = false;
    Link link = Link::kAway;
    bool link_changed = false;
    bool members_changed = false;
    std::vector<Callback<void>> leaves;  // of calls to leave()
  };

  template <typename Change>
  void tell(Change change) {
    change(*state_.lock());
    changed_.notify_all();
  }

  // Waits until something is told, at most `limit`. What is told is taken; stop and link stay.
  State take(std::optional<std::chrono::milliseconds> limit) {
    auto state = state_.lock();
    wait(state, limit, [&state] {
      return state->stop || state->link_changed || state->members_changed || !state->leaves.empty();
    });
    State taken{.stop = state->stop,
                .link = state->link,
                .link_changed = std::exchange(state->link_changed, false),
                .members_changed = std::exchange(state->members_changed, false),
                .leaves = std::exchange(state->leaves, {})};
    return taken;
  }

  // Waits until `condition`, which tell() may change, holds; false: this is to stop.
  template <typename Condition>
  bool wait_for(Condition condition) {
    auto state = state_.lock();
    wait(state, std::nullopt, [&] { return state->stop || condition(); });
    return condition();
  }

  // As of now; what was told of the members before is forgotten.
  bool take_members_changed() { return std::exchange(state_.lock()->members_changed, false); }

 private:
  template <typename Condition>
  void wait(Guarded<State>::Locked<State>& state, std::optional<std::chrono::milliseconds> limit,
            Condition condition) {
    if (limit) {
      changed_.wait_for(state.mutex_lock(), *limit, condition);
    } else {
      changed_.wait(state.mutex_lock(), condition);
    }
  }

  Guarded<State> state_;
  std::condition_variable changed_;
};

}  // namespace longwire::storage::zookeeper
