#pragma once

// HandleTable: objects that callbacks may come too late for. A handle is kept instead of a pointer;
// it finds the object while that lives, and nothing after.

#include <cstdint>
#include <vector>

#include "base/check.h"

namespace longwire::xmpp {

// Loop-bound. Objects are not owned.
template <typename T>
class HandleTable final {
 public:
  struct Handle {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;  // 0: no object ever
    friend bool operator==(const Handle&, const Handle&) = default;
  };

  Handle add(T& object) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.push_back({nullptr, 0});
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    slots_[index].object = &object;
    return {index, ++slots_[index].generation};
  }
  void remove(Handle handle) {
    CHECK(find(handle) != nullptr);
    slots_[handle.index].object = nullptr;
    free_.push_back(handle.index);
  }
  T* find(Handle handle) const {
    if (handle.index >= slots_.size()) return nullptr;
    const Slot& slot = slots_[handle.index];
    return slot.generation == handle.generation ? slot.object : nullptr;
  }
  std::size_t size() const { return slots_.size() - free_.size(); }
  // For walks in portions: slots in use and not, by index.
  std::size_t slot_count() const { return slots_.size(); }
  T* at_slot(std::size_t index) const { return slots_[index].object; }

 private:
  struct Slot {
    T* object;
    std::uint32_t generation;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace longwire::xmpp
