#pragma once

// Waiting, in threads that run no loop, for what the rest of the tree does asynchronously.

#include <future>
#include <memory>
#include <utility>

#include "base/function.h"
#include "base/net/loop_thread.h"

namespace longwire::daemon {

// Calls `start` with a callback and blocks until that was called. Never from a loop. A callback
// that is destroyed uncalled (its loop has ended) counts as kUnavailable.
template <typename T, typename Start>
Result<T> wait_for(Start start) {
  auto promise = std::make_unique<std::promise<Result<T>>>();
  auto future = promise->get_future();
  start(Callback<T>(
      [promise = std::move(promise)](Result<T> result) { promise->set_value(std::move(result)); }));
  try {
    return future.get();
  } catch (const std::future_error&) {
    return Error{ErrorCode::kUnavailable, "the server is stopping"};
  }
}

// The same for a call that must be made on `thread`'s loop.
template <typename T, typename Start>
Result<T> wait_on(net::LoopThread& thread, Start start) {
  return wait_for<T>([&](Callback<T> done) {
    thread.loop().post([&start, done = std::move(done)]() mutable { start(std::move(done)); });
  });
}

}  // namespace longwire::daemon
