#pragma once

// Set once, when the directory ends: nobody waits any longer. Private to this folder.

#include <chrono>
#include <condition_variable>

#include "base/guarded.h"

namespace longwire::storage::mysql {

// Thread-safe.
class StopSignal final {
 public:
  void stop() {
    *stopping_.lock() = true;
    changed_.notify_all();
  }
  bool stopped() const { return *stopping_.lock(); }
  void wait_for(std::chrono::nanoseconds time) {
    auto stopping = stopping_.lock();
    changed_.wait_for(stopping.mutex_lock(), time, [&] { return *stopping; });
  }

 private:
  Guarded<bool> stopping_;
  std::condition_variable changed_;
};

}  // namespace longwire::storage::mysql
