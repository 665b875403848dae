#pragma once

// Waker: ends another thread's wait for the network.

#include <chrono>

namespace longwire::sdk {

// wake() is thread-safe; wait() is for one thread.
class Waker final {
 public:
  Waker();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  void wake();
  // Returns when woken, when `descriptor` can be read (-1: none), or after `timeout`.
  void wait(int descriptor, std::chrono::milliseconds timeout);

 private:
  int event_;
};

}  // namespace longwire::sdk
