#pragma once

// Session: one worker's connection that comes back by itself, and what may be repeated on it.
// Private to this folder.
//
// Reads are repeated. A write is one transaction; with it goes the session's own row in `writers`,
// which holds the number of the last write committed. Where the answer to a commit is lost, the row
// is read under its lock: that waits for the old transaction to end, and says whether it was done.
// So a write is done once or not at all, and kUnknownOutcome is left for a server that stays away.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/function.h"
#include "base/guarded.h"
#include "base/random.h"
#include "storage/mysql/connection.h"
#include "storage/mysql/health.h"

namespace longwire::storage::mysql {

// Set once, when the directory ends: nobody waits any longer. Thread-safe.
class StopSignal final {
 public:
  void stop() {
    *stopping_.lock() = true;
    changed_.notify_all();
  }
  bool stopped() const { return *stopping_.lock(); }
  void wait_for(std::chrono::nanoseconds time) {
    auto stopping = stopping_.lock();
    changed_.wait_for(stopping.mutex_lock(), time, [&] { return *stopping; });
  }

 private:
  Guarded<bool> stopping_;
  std::condition_variable changed_;
};

// What sessions share. All of it outlives them.
struct SessionParts {
  const Options& options;
  const Clock& clock;
  Random& random;
  Health& health;
  StopSignal& stop;
};

// Used by one thread.
class Session final {
 public:
  using Work = UniqueFunction<Status(Connection&)>;

  Session(SessionParts parts, Connection::Mode mode);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // `work` is Result<T>(Connection&); it may run several times, and what it answered last counts.
  // Errors: kUnavailable: nothing was done. Besides, those of `work`.
  template <typename T, typename Work>
  Result<T> read(Work work) {
    return run<T>(std::move(work), &Session::repeat_read);
  }
  // Also kUnknownOutcome: it may have been done, and the server could not be asked.
  template <typename T, typename Work>
  Result<T> write(Work work) {
    return run<T>(std::move(work), &Session::repeat_write);
  }

 private:
  template <typename T, typename Work>
  Result<T> run(Work work, Status (Session::*repeat)(Session::Work&)) {
    std::optional<Result<T>> answer;
    Session::Work step = [&](Connection& connection) -> Status {
      answer.emplace(work(connection));
      return answer->ok() ? Status() : Status(answer->error());
    };
    if (Status status = (this->*repeat)(step); !status.ok()) return status.error();
    return std::move(*answer);
  }

  Status repeat_read(Work& work);
  Status repeat_write(Work& work);
  Status write_once(Connection& connection, Work& work);
  // The connection, made where there is none; fails at once while the server is left alone.
  Result<Connection*> connection();
  // After a failure: drops what is lost. May the call be tried again?
  bool may_repeat(const Status& status, std::int64_t attempt);
  // Was the write `number_` committed? kUnknownOutcome where the server stays away.
  Result<bool> was_committed();
  Result<bool> ask_whether_committed();

  const SessionParts parts_;
  const Connection::Mode mode_;
  const Bytes writer_;  // names this session's row
  std::uint64_t number_ = 0;
  std::unique_ptr<Connection> connection_;
  MonotonicTime left_alone_until_{0};
  std::chrono::milliseconds pause_{0};  // the last one
};

}  // namespace longwire::storage::mysql
