#include "tests/support/manual_executor.h"

#include <algorithm>

namespace longwire::test {

TimerId ManualExecutor::schedule(std::chrono::milliseconds delay, Task task) {
  const std::uint64_t id = next_timer_++;
  const TimerKey key{clock_.monotonic() + std::max(delay, std::chrono::milliseconds(0)), id};
  timers_.emplace(key, std::move(task));
  timer_keys_.emplace(id, key);
  return TimerId{id};
}

void ManualExecutor::cancel(TimerId timer) {
  auto found = timer_keys_.find(static_cast<std::uint64_t>(timer));
  if (found == timer_keys_.end()) return;
  timers_.erase(found->second);
  timer_keys_.erase(found);
}

bool ManualExecutor::run_one() {
  Task task;
  {
    auto posted = posted_.lock();
    if (posted->empty()) return false;
    task = std::move(posted->front());
    posted->pop_front();
  }
  task();
  return true;
}

bool ManualExecutor::run_due_timer() {
  if (timers_.empty() || timers_.begin()->first.first > clock_.monotonic()) return false;
  Task task = std::move(timers_.begin()->second);
  timer_keys_.erase(timers_.begin()->first.second);
  timers_.erase(timers_.begin());
  task();
  return true;
}

void ManualExecutor::run_until_idle() {
  while (run_one() || run_due_timer()) {
  }
}

std::chrono::milliseconds ManualExecutor::until_next_timer() const {
  const MonotonicTime wait = timers_.begin()->first.first - clock_.monotonic();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(wait), std::chrono::milliseconds(0));
}

void ManualExecutor::advance(std::chrono::milliseconds by) {
  run_until_idle();
  const MonotonicTime end = clock_.monotonic() + by;
  while (has_timer() && timers_.begin()->first.first <= end) {
    clock_.advance(until_next_timer());
    run_until_idle();
  }
  clock_.advance(std::chrono::duration_cast<std::chrono::milliseconds>(end - clock_.monotonic()));
}

}  // namespace longwire::test
