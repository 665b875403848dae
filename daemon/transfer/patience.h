#pragma once

// Calls of a back end that are made again while it is not there for the moment. For calls that may
// be repeated, in the main thread only.

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/executor.h"
#include "daemon/serve/wait.h"

namespace longwire::daemon {

inline constexpr int kPatienceTriesMax = 300;
inline constexpr std::chrono::milliseconds kPatiencePause{200};

inline void pause_for(Executor& executor, std::chrono::milliseconds time) {
  (void)wait_for<void>([&](Callback<void> done) {
    executor.post([&executor, time, done = std::move(done)]() mutable {
      executor.schedule(time, [done = std::move(done)]() mutable { done(Status()); });
    });
  });
}

// `start` is given a Callback<T>, and may be called several times: for a minute at least.
template <typename T, typename Start>
Result<T> patiently(Executor& executor, Start start) {
  for (int tries = 1;; ++tries) {
    Result<T> result = wait_for<T>(start);
    if (result.ok() || tries == kPatienceTriesMax) return result;
    const ErrorCode code = result.error().code;
    const bool passes = code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded ||
                        code == ErrorCode::kUnknownOutcome;
    if (!passes) return result;
    pause_for(executor, std::max(kPatiencePause, result.error().retry_after));
  }
}

}  // namespace longwire::daemon
