#pragma once

// TimerHeap: timers ordered by due time, forgotten in O(log n). Inside of base/net.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"

namespace longwire::net {

// Timers due at the same time run in the order they were added. Not thread-safe.
class TimerHeap final {
 public:
  TimerId add(MonotonicTime due, Task task);
  // The task comes back so that its destruction is the caller's to place; empty if unknown.
  Task remove(TimerId timer);
  std::optional<MonotonicTime> next_due() const;
  // The first task that is due at `now`, or an empty one.
  Task take_due(MonotonicTime now);
  bool empty() const { return heap_.empty(); }

 private:
  struct Node {
    MonotonicTime due;
    std::uint64_t sequence;
    std::uint32_t slot;
    bool operator<(const Node& other) const {
      return due != other.due ? due < other.due : sequence < other.sequence;
    }
  };
  struct Slot {
    Task task;
    std::uint32_t generation = 1;  // an id of an earlier use does not match
    std::uint32_t position = 0;    // in heap_
  };

  void place(std::size_t position, Node node);
  void sift_up(std::size_t position);
  void sift_down(std::size_t position);
  Task remove_at(std::size_t position);

  std::vector<Node> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace longwire::net
