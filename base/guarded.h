#pragma once

// Guarded<T>: a value that can only be reached while its mutex is held.
//
//   Guarded<std::vector<Task>> queue;
//   queue.lock()->push_back(task);              // held for the statement
//   auto tasks = queue.lock(); tasks->clear();  // held for the scope

#include <mutex>
#include <utility>

namespace longwire {

// Thread-safe.
template <typename T>
class Guarded final {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  template <typename U>
  class Locked {
   public:
    Locked(std::mutex& mutex, U& value) : lock_(mutex), value_(&value) {}
    U& operator*() const { return *value_; }
    U* operator->() const { return value_; }
    // For std::condition_variable.
    std::unique_lock<std::mutex>& mutex_lock() { return lock_; }

   private:
    std::unique_lock<std::mutex> lock_;
    U* value_;
  };

  Locked<T> lock() { return Locked<T>(mutex_, value_); }
  Locked<const T> lock() const { return Locked<const T>(mutex_, value_); }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace longwire
