#pragma once

// A loop's drain under way: who was told to go. Inside of xmpp/server.

#include <chrono>
#include <cstddef>
#include <vector>

#include "xmpp/server/loop_front.h"

namespace longwire::xmpp {

struct LoopFront::Drain {
  struct Leaving {
    StreamHandle stream;
    MonotonicTime deadline{};
  };

  // How many need not be told yet.
  std::size_t may_stay(MonotonicTime now) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(told_until - now);
    return at_first * static_cast<std::size_t>(left.count()) /
           static_cast<std::size_t>(spread.count());
  }

  StreamError why = StreamError::kReset;
  std::chrono::milliseconds spread{0};
  MonotonicTime told_until{};  // by then all are told
  std::size_t at_first = 0;    // how many there were
  std::size_t next_slot = 0;
  std::vector<Leaving> leaving;
  TimerId timer = TimerId::kNone;
  Task done;
};

}  // namespace longwire::xmpp
