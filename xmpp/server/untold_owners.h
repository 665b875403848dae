#pragma once

// UntoldOwners: partitions whose owners did not hear of this loop's sessions. They are told anew
// after a while, all of them in one go.

#include <functional>
#include <utility>

#include "base/executor.h"
#include "middle/service.h"

namespace longwire::xmpp {

// Loop-bound.
class UntoldOwners final {
 public:
  using Tell = std::function<void(const middle::OwnersChanged&)>;
  // `loop` outlives it; `tell` is called on it, and may add() again.
  UntoldOwners(Executor& loop, Tell tell) : loop_(loop), tell_(std::move(tell)) {}
  ~UntoldOwners() { loop_.cancel(timer_); }
  UntoldOwners(const UntoldOwners&) = delete;
  UntoldOwners& operator=(const UntoldOwners&) = delete;

  void add(const middle::OwnersChanged& untold);

 private:
  Executor& loop_;
  const Tell tell_;
  middle::OwnersChanged untold_;
  TimerId timer_ = TimerId::kNone;
};

}  // namespace longwire::xmpp
