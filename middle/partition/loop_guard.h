#pragma once

// LoopGuard: brings answers of other threads home to a loop, and drops them where the asker is gone
// by then.

#include <memory>
#include <utility>

#include "base/executor.h"
#include "base/function.h"

namespace longwire::middle {

// A member of the asker, destroyed on the loop. wrap() is loop-bound; what it makes may be called
// on any thread. The executor outlives every answer.
class LoopGuard final {
 public:
  explicit LoopGuard(Executor& loop) : loop_(loop) {}
  LoopGuard(const LoopGuard&) = delete;
  LoopGuard& operator=(const LoopGuard&) = delete;

  template <typename T, typename F>
  Callback<T> wrap(F function) const {
    return [&loop = loop_, alive = std::weak_ptr<bool>(alive_),
            f = std::move(function)](Result<T> result) mutable {
      loop.post([alive = std::move(alive), f = std::move(f), r = std::move(result)]() mutable {
        if (!alive.expired()) f(std::move(r));
      });
    };
  }

  // Expires with the asker; looked at on its loop only.
  std::weak_ptr<bool> watch() const { return alive_; }

  void post(Task task) const { loop_.post(bind(std::move(task))); }
  TimerId schedule(std::chrono::milliseconds delay, Task task) const {
    return loop_.schedule(delay, bind(std::move(task)));
  }

 private:
  Task bind(Task task) const {
    return [alive = std::weak_ptr<bool>(alive_), t = std::move(task)]() mutable {
      if (!alive.expired()) t();
    };
  }

  Executor& loop_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // shared: watched by answers
};

}  // namespace longwire::middle
