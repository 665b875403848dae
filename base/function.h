#pragma once

// UniqueFunction: a move-only std::function, so that callbacks may own move-only things.
// Callback<T>: the one asynchronous style of the tree. A callback is called exactly once, on the
// executor that the call's documentation names, never from inside the call that took it.

#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/result.h"

namespace longwire {

template <typename Signature>
class UniqueFunction;

// Not thread-safe; may be moved between threads.
template <typename R, typename... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}

  template <typename F, typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, UniqueFunction>>>
  UniqueFunction(F&& function)
      : target_(std::make_unique<Target<std::decay_t<F>>>(std::forward<F>(function))) {}

  R operator()(Args... args) {
    CHECK(target_ != nullptr);
    return target_->call(std::forward<Args>(args)...);
  }
  explicit operator bool() const { return target_ != nullptr; }

 private:
  struct Callable {
    Callable() = default;
    Callable(const Callable&) = delete;
    Callable& operator=(const Callable&) = delete;
    virtual ~Callable() = default;
    virtual R call(Args... args) = 0;
  };
  template <typename F>
  struct Target final : Callable {
    explicit Target(F&& function) : function_(std::move(function)) {}
    explicit Target(const F& function) : function_(function) {}
    R call(Args... args) override { return function_(std::forward<Args>(args)...); }
    F function_;
  };
  std::unique_ptr<Callable> target_;
};

template <typename T>
using Callback = UniqueFunction<void(Result<T>)>;

}  // namespace longwire
