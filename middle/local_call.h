#pragma once

// LocalCalls: calls from one link to the Core on its own loop: posted there, and their answers
// posted back. Shared by the proxies of the Core's faces.
//
// A call that comes late does nothing, and is refused with kDeposed: its caller may have gone to
// another owner since, or come back over another link, and have repeated it there.

#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "middle/core/core.h"

namespace longwire::middle {

// What the links of a Core share with it: which of the two goes first is not known.
struct CoreHandle {
  Executor& executor;
  Core* core = nullptr;  // null once it is gone; read and written on `executor` only
};

// Loop-bound. After its end no callback runs.
class LocalCalls final {
 public:
  // `loop` outlives it. Adds `node` to the Core's, with `link`, whose end this is.
  LocalCalls(std::shared_ptr<CoreHandle> handle, Executor& loop, NodeId node, NodeTable::Node link)
      : core_(std::move(handle)), loop_(loop), node_(std::move(node)) {
    link.alive = alive_;
    post([n = node_, l = std::move(link)](Core& core) mutable { core.add_node(n, std::move(l)); });
  }
  ~LocalCalls() {
    post([n = node_, ended = std::weak_ptr<bool>(alive_)](Core& core) {
      core.remove_node(n, ended);
    });
  }
  LocalCalls(const LocalCalls&) = delete;
  LocalCalls& operator=(const LocalCalls&) = delete;

  // The next call is meant for the owner that claims this; it concerns no other.
  void address_next(std::optional<PartitionClaim> claim) { addressed_ = std::move(claim); }

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
                          a = std::make_tuple(std::move(arguments)...), node = node_,
                          alive = std::weak_ptr<bool>(alive_),
                          addressed = std::exchange(addressed_, std::nullopt)]() mutable {
      if (core->core == nullptr) return d(Error{ErrorCode::kUnavailable, "the server is stopping"});
      if (!core->core->hears(node, alive, addressed))
        return d(Error{ErrorCode::kDeposed, "the call comes late"});
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
  const NodeId node_;
  std::optional<PartitionClaim> addressed_;
  // Shared with nobody: watched by what is under way.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace longwire::middle
