#pragma once

// An executor and a clock that move only when a test says so. Time stands still while tasks run:
// what a test sees is decided by its own calls, never by the machine's speed.
//
//   ManualClock clock;
//   ManualExecutor executor(clock);
//   executor.run_until_idle();                  // all posted tasks, and what they post
//   executor.advance(std::chrono::seconds(5));  // time passes, timers fire in order

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/guarded.h"

namespace longwire::test {

// Starts at 2026-01-01 00:00 UTC, so that ids made from it look like real ones. Loop-bound.
class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return {kStartMs + offset_.count() + step_.count()}; }
  MonotonicTime monotonic() const override { return offset_; }

  void advance(std::chrono::milliseconds by) { offset_ += by; }
  // Wall time jumps, forwards or back; monotonic time does not notice.
  void step_wall(std::chrono::milliseconds by) { step_ += by; }

 private:
  static constexpr std::int64_t kStartMs = 1'767'225'600'000;
  std::chrono::milliseconds offset_{0};
  std::chrono::milliseconds step_{0};
};

// post() may be called from any thread; the rest is bound to the test's thread, which is the loop.
class ManualExecutor final : public Executor {
 public:
  explicit ManualExecutor(ManualClock& clock) : clock_(clock) {}

  void post(Task task) override { posted_.lock()->push_back(std::move(task)); }
  void post_quietly(Task task) override { post(std::move(task)); }
  TimerId schedule(std::chrono::milliseconds delay, Task task) override;
  void cancel(TimerId timer) override;
  bool in_loop() const override { return true; }

  // Runs one posted task; false: there was none.
  bool run_one();
  // Runs posted tasks, and what they post, until none is left. Timers that are due run as well.
  void run_until_idle();
  // Runs what is posted, then lets time pass timer by timer.
  void advance(std::chrono::milliseconds by);
  // Lets time pass, at most `limit`, until `condition` holds; answers whether it does.
  template <typename Condition>
  bool advance_until(Condition condition, std::chrono::milliseconds limit) {
    const MonotonicTime end = clock_.monotonic() + limit;
    run_until_idle();
    while (!condition() && clock_.monotonic() < end && has_timer()) advance(until_next_timer());
    return condition();
  }

  bool has_timer() const { return !timers_.empty(); }
  // Rounded up to whole milliseconds; zero where one is due. There must be a timer.
  std::chrono::milliseconds until_next_timer() const;

 private:
  using TimerKey = std::pair<MonotonicTime, std::uint64_t>;  // when, then in order of scheduling
  bool run_due_timer();

  ManualClock& clock_;
  Guarded<std::deque<Task>> posted_;
  std::map<TimerKey, Task> timers_;
  std::map<std::uint64_t, TimerKey> timer_keys_;
  std::uint64_t next_timer_ = 1;
};

}  // namespace longwire::test
