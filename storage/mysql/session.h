#pragma once

// Session: one worker's connection that comes back by itself, and what may be repeated on it.
// Private to this folder.
//
// Reads are repeated. A write is one transaction; with it goes the session's own row in `writers`,
// which holds the number of the last write committed. Where the answer to a commit is lost, the row
// is read under its lock: that waits for the old transaction to end, and says whether it was done.
// So a write is done once or not at all, and kUnknownOutcome is left for a server that stays away.
//
// On a pair an answer counts only once the server has confirmed that it holds whatever becomes of
// it: see docs/decisions/mysql-pair.md.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "base/random.h"
#include "storage/mysql/connection.h"
#include "storage/mysql/health.h"
#include "storage/mysql/pair.h"
#include "storage/mysql/stop_signal.h"

namespace longwire::storage::mysql {

// What sessions share. All of it outlives them.
struct SessionParts {
  const Options& options;
  const Clock& clock;
  Random& random;
  const std::vector<std::unique_ptr<Health>>& servers;  // one, or the two of `pair`
  const Pair* pair;                                     // null: there is one server
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
  Result<Connection*> connect(Health& server);
  // On a pair: nothing that was seen or committed on this connection can be lost any more.
  Status confirm(Connection& connection);
  // After a failure: drops what is lost. May the call be tried again?
  bool may_repeat(const Status& status, std::int64_t attempt);
  // Was the write `number_` committed? kUnknownOutcome where the server stays away.
  Result<bool> was_committed();
  Result<bool> ask_whether_committed();

  const SessionParts parts_;
  const Connection::Mode mode_;
  const Bytes writer_;  // names this session's row
  std::uint64_t number_ = 0;
  std::size_t server_ = 0;  // to which the connection is
  std::unique_ptr<Connection> connection_;
  MonotonicTime left_alone_until_{0};
  std::chrono::milliseconds pause_{0};  // the last one
};

}  // namespace longwire::storage::mysql
