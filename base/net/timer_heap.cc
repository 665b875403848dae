#include "base/net/timer_heap.h"

#include <utility>

namespace longwire::net {

TimerId TimerHeap::add(MonotonicTime due, Task task) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[slot].task = std::move(task);
  heap_.push_back({});
  place(heap_.size() - 1, {due, next_sequence_++, slot});
  sift_up(heap_.size() - 1);
  return static_cast<TimerId>(std::uint64_t{slots_[slot].generation} << 32 | slot);
}

Task TimerHeap::remove(TimerId timer) {
  const auto slot = static_cast<std::uint32_t>(static_cast<std::uint64_t>(timer));
  const auto generation = static_cast<std::uint32_t>(static_cast<std::uint64_t>(timer) >> 32);
  if (slot >= slots_.size() || slots_[slot].generation != generation || !slots_[slot].task) {
    return {};
  }
  return remove_at(slots_[slot].position);
}

std::optional<MonotonicTime> TimerHeap::next_due() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

Task TimerHeap::take_due(MonotonicTime now) {
  if (heap_.empty() || heap_.front().due > now) return {};
  return remove_at(0);
}

void TimerHeap::place(std::size_t position, Node node) {
  heap_[position] = node;
  slots_[node.slot].position = static_cast<std::uint32_t>(position);
}

void TimerHeap::sift_up(std::size_t position) {
  const Node node = heap_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (!(node < heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, node);
}

void TimerHeap::sift_down(std::size_t position) {
  const Node node = heap_[position];
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
    if (!(heap_[child] < node)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, node);
}

Task TimerHeap::remove_at(std::size_t position) {
  const std::uint32_t slot = heap_[position].slot;
  const Node last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    place(position, last);
    sift_up(position);
    sift_down(slots_[last.slot].position);
  }
  if (++slots_[slot].generation == 0) slots_[slot].generation = 1;
  free_slots_.push_back(slot);
  return std::exchange(slots_[slot].task, Task());
}

}  // namespace longwire::net
