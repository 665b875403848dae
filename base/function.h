#pragma once

// UniqueFunction: a move-only std::function, so that callbacks may own move-only things.
// Callback<T>: the one asynchronous style of the tree. A callback is called exactly once, on the
// executor that the call's documentation names, never from inside the call that took it.

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/result.h"

namespace longwire {

template <typename Signature>
class UniqueFunction;

// A target of up to kInlineBytes costs no allocation. Not thread-safe; may be moved between
// threads.
template <typename R, typename... Args>
class UniqueFunction<R(Args...)> {
 public:
  static constexpr std::size_t kInlineBytes = 48;

  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}

  template <typename F,
            typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, UniqueFunction> &&
                                        std::is_invocable_r_v<R, std::decay_t<F>&, Args...>>>
  UniqueFunction(F&& function) {
    using Target = std::decay_t<F>;
    if constexpr (kFitsInline<Target>) {
      ::new (static_cast<void*>(storage_)) Target(std::forward<F>(function));
      operations_ = &InlineTarget<Target>::kOperations;
    } else {
      auto target = std::make_unique<Target>(std::forward<F>(function));
      ::new (static_cast<void*>(storage_)) Target*(target.release());
      operations_ = &HeapTarget<Target>::kOperations;
    }
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~UniqueFunction() { reset(); }

  R operator()(Args... args) {
    CHECK(operations_ != nullptr);
    return operations_->call(storage_, std::forward<Args>(args)...);
  }
  explicit operator bool() const { return operations_ != nullptr; }

 private:
  struct Operations {
    R (*call)(void* storage, Args&&... args);
    void (*move)(void* from, void* to) noexcept;  // leaves nothing to destroy at `from`
    void (*destroy)(void* storage) noexcept;
  };

  template <typename Target>
  static constexpr bool kFitsInline =
      sizeof(Target) <= kInlineBytes &&
      alignof(Target) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<Target>;

  template <typename Target>
  static R invoke(Target& target, Args&&... args) {
    if constexpr (std::is_void_v<R>) {
      target(std::forward<Args>(args)...);
    } else {
      return target(std::forward<Args>(args)...);
    }
  }

  template <typename Target>
  struct InlineTarget {
    static Target& at(void* storage) { return *std::launder(static_cast<Target*>(storage)); }
    static R call(void* storage, Args&&... args) {
      return invoke(at(storage), std::forward<Args>(args)...);
    }
    static void move(void* from, void* to) noexcept {
      ::new (to) Target(std::move(at(from)));
      at(from).~Target();
    }
    static void destroy(void* storage) noexcept { at(storage).~Target(); }
    static constexpr Operations kOperations = {&call, &move, &destroy};
  };

  template <typename Target>
  struct HeapTarget {
    static Target*& at(void* storage) { return *std::launder(static_cast<Target**>(storage)); }
    static R call(void* storage, Args&&... args) {
      return invoke(*at(storage), std::forward<Args>(args)...);
    }
    static void move(void* from, void* to) noexcept { ::new (to) Target*(at(from)); }
    static void destroy(void* storage) noexcept { std::unique_ptr<Target> owner(at(storage)); }
    static constexpr Operations kOperations = {&call, &move, &destroy};
  };

  void take(UniqueFunction& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ != nullptr) operations_->move(other.storage_, storage_);
  }

  void reset() noexcept {
    if (const Operations* operations = std::exchange(operations_, nullptr); operations != nullptr) {
      operations->destroy(storage_);
    }
  }

  const Operations* operations_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[kInlineBytes];
};

template <typename T>
using Callback = UniqueFunction<void(Result<T>)>;

}  // namespace longwire
