#pragma once

// LocalCalls: calls from one loop of this process to the Core on its own: posted there, and their
// answers posted back. Shared by the proxies of the Core's faces.

#include <memory>
#include <tuple>
#include <utility>

#include "middle/local_service.h"

namespace longwire::middle {

// Loop-bound. After its end no callback runs.
class LocalCalls final {
 public:
  // `loop` outlives it. `alive`: see NodeTable.
  LocalCalls(std::shared_ptr<CoreHandle> core, Executor& loop, std::shared_ptr<bool> alive)
      : core_(std::move(core)), loop_(loop), alive_(std::move(alive)) {}

  std::weak_ptr<bool> alive() const { return alive_; }

  // Runs `task` with the Core, on its loop, unless it is gone.
  template <typename Task>
  void post(Task task) {
    core_->executor.post([core = core_, task = std::move(task)]() mutable {
      if (core->core != nullptr) task(*core->core);
    });
  }

  // `face_of` gives what `method` is called on, of the Core.
  template <typename Reply, typename FaceOf, typename Method, typename... Arguments>
  void call(FaceOf face_of, Method method, Callback<Reply> done, Arguments... arguments) {
    core_->executor.post([core = core_, face_of, method, d = answer<Reply>(std::move(done)),
                          a = std::make_tuple(std::move(arguments)...)]() mutable {
      if (core->core == nullptr) return d(Error{ErrorCode::kUnavailable, "the server is stopping"});
      auto& face = face_of(*core->core);
      std::apply([&](auto&... each) { (face.*method)(std::move(each)..., std::move(d)); }, a);
    });
  }

 private:
  template <typename Reply>
  Callback<Reply> answer(Callback<Reply> done) {
    return [&loop = loop_, alive = std::weak_ptr<bool>(alive_),
            d = std::move(done)](Result<Reply> reply) mutable {
      loop.post([alive = std::move(alive), d = std::move(d), r = std::move(reply)]() mutable {
        if (!alive.expired()) d(std::move(r));
      });
    };
  }

  std::shared_ptr<CoreHandle> core_;  // shared with the Middle, which may go first
  Executor& loop_;
  std::shared_ptr<bool> alive_;  // shared with nobody: watched by answers under way
};

}  // namespace longwire::middle
