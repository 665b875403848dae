#pragma once

// LoopThread: a thread that runs one Loop.

#include <string>
#include <thread>

#include "base/net/loop.h"

namespace longwire::net {

// Starts at construction; its destruction stops the loop and waits for the thread. What is bound to
// the loop must be gone, or be destroyed after stop(). Thread-safe.
class LoopThread final {
 public:
  // The name shows in the system's lists of threads (15 characters of it).
  explicit LoopThread(std::string name);
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  Loop& loop() { return loop_; }

  // Runs `task` on the loop and waits for its end; false if the loop stopped before. Not from the
  // loop itself.
  bool call(Task task);

  // Stops the loop and waits for its end; the Loop stays, for what is to be unwatched. Once; not
  // from the loop itself, nor from two threads at once.
  void stop();

 private:
  Loop loop_;
  std::thread thread_;
};

}  // namespace longwire::net
