#pragma once

// Executor: where work of one thread is queued. Implemented by net::Loop (a real thread) and by the
// simulator (one thread, simulated time). Everything that is "loop-bound" belongs to one Executor.

#include <chrono>
#include <cstdint>

#include "base/function.h"

namespace longwire {

using Task = UniqueFunction<void()>;

enum class TimerId : std::uint64_t { kNone = 0 };

class Executor {
 public:
  virtual ~Executor() = default;

  // Queues `task` behind what is queued. Thread-safe. Tasks posted from one thread run in their
  // order. After the executor has stopped, the task is destroyed without being run.
  virtual void post(Task task) = 0;

  // The same for what is in no hurry: it keeps its place among the tasks, but need not wake a
  // sleeping executor, and may run only when something else does. For what nobody sees before a
  // later task.
  virtual void post_quietly(Task task) = 0;

  // Runs `task` once, not before `delay` has passed (resolution about 1 ms). Loop-bound.
  virtual TimerId schedule(std::chrono::milliseconds delay, Task task) = 0;

  // Forgets a timer; one that ran already, or kNone, is no error. Loop-bound.
  virtual void cancel(TimerId timer) = 0;

  // True on the executor's own thread.
  virtual bool in_loop() const = 0;
};

}  // namespace longwire
