#include "storage/redis/call_table.h"

#include <utility>

#include "base/check.h"

namespace longwire::storage::redis {

Call& CallTable::add(Command&& command, Callback<Reply>&& done, MonotonicTime deadline) {
  CHECK(done);
  CHECK(last_ == nullptr || last_->deadline <= deadline);
  if (free_.empty()) {
    all_.push_back(std::make_unique<Call>());
    free_.push_back(all_.back().get());
  }
  Call& call = *free_.back();
  free_.pop_back();
  call.command = std::move(command);
  call.done = std::move(done);
  call.deadline = deadline;
  link(call);
  return call;
}

Callback<Reply> CallTable::take_done(Call& call) {
  CHECK(call.done);
  unlink(call);
  return std::exchange(call.done, {});
}

void CallTable::remove(Call& call) {
  CHECK(!call.done);
  call.command = {};
  call.not_before = {};
  call.slot = Call::kAnySlot;
  call.hops = 0;
  call.asking = call.sent = call.pinned = false;
  free_.push_back(&call);
}

void CallTable::link(Call& call) {
  call.earlier = last_;
  (last_ == nullptr ? first_ : last_->later) = &call;
  last_ = &call;
}

void CallTable::unlink(Call& call) {
  (call.earlier == nullptr ? first_ : call.earlier->later) = call.later;
  (call.later == nullptr ? last_ : call.later->earlier) = call.earlier;
  call.earlier = call.later = nullptr;
}

}  // namespace longwire::storage::redis
