#pragma once

// Roll: a drain under way: which workers are replaced, one after the other. Inside of
// daemon/workers.

#include <chrono>
#include <cstddef>
#include <deque>

#include "base/function.h"
#include "daemon/control/control_frame.h"

namespace longwire::daemon {

// Loop-bound.
struct Roll {
  bool is_at(int number) const { return current == number; }
  // False: none is left.
  bool next() {
    if (left.empty()) return false;
    current = left.front();
    left.pop_front();
    return true;
  }

  std::chrono::milliseconds spread{0};
  std::deque<int> left;
  std::size_t total = 0;
  int current = -1;
  Callback<Json> done;
};

}  // namespace longwire::daemon
