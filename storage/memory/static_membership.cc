#include <algorithm>
#include <utility>

#include "storage/memory/memory_membership.h"

namespace longwire::storage {
namespace {

// Thread-safe but for its end.
class StaticMembership final : public middle::Membership {
 public:
  StaticMembership(Executor& executor, std::vector<std::string> addresses) : executor_(executor) {
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    for (std::string& address : addresses) members_.push_back({std::move(address), {}, {}});
  }

  void start(std::unique_ptr<middle::Member> self, Changed changed, Callback<void> done) override {
    middle::Members members = members_;
    if (self != nullptr) {
      const auto own = std::find_if(members.begin(), members.end(), [&self](const auto& each) {
        return each.address == self->address;
      });
      if (own == members.end()) {
        return answer(std::move(done), Error{ErrorCode::kInvalidArgument,
                                             self->address + " is not among the members listed"});
      }
      *own = std::move(*self);
    }
    answer(std::move(done), {});
    post([changed = std::move(changed), members = std::move(members)]() mutable {
      changed(std::move(members));
    });
  }

  void leave(Callback<void> done) override { answer(std::move(done), {}); }

 private:
  void answer(Callback<void> done, Status status) {
    post([done = std::move(done), status = std::move(status)]() mutable {
      done(std::move(status));
    });
  }

  void post(Task task) {
    executor_.post([alive = std::weak_ptr<bool>(alive_), task = std::move(task)]() mutable {
      if (!alive.expired()) task();
    });
  }

  Executor& executor_;
  middle::Members members_;
  // Shared: with tasks that may be run after its end.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<middle::Membership> make_static_membership(Executor& executor,
                                                           std::vector<std::string> addresses) {
  return std::make_unique<StaticMembership>(executor, std::move(addresses));
}

}  // namespace longwire::storage
