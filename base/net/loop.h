#pragma once

// Loop: one thread's event loop on epoll. Objects bound to it are touched on its thread only;
// others reach them by post(). No call here blocks.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/executor.h"

namespace longwire::net {

// Told of readiness. Loop-bound; must unwatch its descriptor before it dies.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

enum class Interest : std::uint8_t { kNone = 0, kRead = 1, kWrite = 2, kReadWrite = 3 };

// "Loop-bound" calls are for the loop's thread while it runs, and for the one thread that owns the
// loop before run() and after it.
class Loop final : public Executor {
 public:
  explicit Loop(std::string name);
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Serves until stop(); call it on the loop's own thread. Tasks still queued then are destroyed
  // unrun.
  void run();
  // Thread-safe, may be called before run().
  void stop();

  // Executor.
  void post(Task task) override;
  void post_quietly(Task task) override;
  TimerId schedule(std::chrono::milliseconds delay, Task task) override;
  void cancel(TimerId timer) override;
  bool in_loop() const override;

  // Level-triggered. The watcher is not owned. Loop-bound.
  void watch(int descriptor, Interest interest, Watcher& watcher);
  void change(int descriptor, Interest interest, Watcher& watcher);
  void unwatch(int descriptor);

  // Runs `task` once after all events of this wake-up were handled: where writes gathered meanwhile
  // go out in one call. Loop-bound.
  void at_end_of_turn(Task task);

  // When this turn began: a clock without a system call. Loop-bound.
  MonotonicTime turn_time() const;
  const std::string& name() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace longwire::net
