#pragma once

// CursorFlusher: gathers the cursor moves of all sessions of a loop and hands them to the middle,
// about once a second and in large calls. One timer per loop, running only while something waits.
//
// Limits: one round of calls under way; kMovesMax moves kept while the middle does not take them,
// beyond that the oldest are dropped (their entries come again; the SDK drops them).

#include <chrono>
#include <cstddef>
#include <vector>

#include "base/environment.h"
#include "middle/service.h"

namespace longwire::channels {

// A session that may have moves. Loop-bound.
class CursorSource {
 public:
  virtual ~CursorSource() = default;
  virtual void collect(std::vector<middle::CursorMove>& moves) = 0;

 private:
  friend class CursorFlusher;
  static constexpr std::size_t kUnmarked = static_cast<std::size_t>(-1);
  std::size_t place_ = kUnmarked;
};

// Loop-bound. Environment, service and marked sources outlive it, or are forgotten.
class CursorFlusher final {
 public:
  static constexpr std::size_t kMovesPerCall = 2'000;
  static constexpr std::size_t kMovesMax = 200'000;

  CursorFlusher(Environment environment, middle::Service& service,
                std::chrono::milliseconds interval);
  ~CursorFlusher();
  CursorFlusher(const CursorFlusher&) = delete;
  CursorFlusher& operator=(const CursorFlusher&) = delete;

  // `source` has moves: it is asked for them within the interval. Often called, cheap.
  void mark(CursorSource& source);
  void forget(CursorSource& source);
  // A move whose session cannot be asked later.
  void add(middle::CursorMove move);

 private:
  void start_timer();
  void flush();
  void hand_over(std::vector<middle::CursorMove> moves);
  void on_handed_over(std::vector<middle::CursorMove> moves, const Status& status);

  Environment environment_;
  middle::Service& service_;
  std::chrono::milliseconds interval_;
  TimerId timer_ = TimerId::kNone;
  std::vector<CursorSource*> marked_;
  std::vector<middle::CursorMove> waiting_;
  std::size_t calls_under_way_ = 0;
  Counter& handed_;
  Counter& dropped_;
};

}  // namespace longwire::channels
