#pragma once

// Line: a queue with an end, the threads that work it off with a session each, and one that tells
// callers who cannot be served: a worker may be held up by a server that does not answer. Private
// to this folder.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "base/guarded.h"
#include "storage/mysql/session.h"

namespace longwire::storage::mysql {

// Thread-safe.
class Line final {
 public:
  // Called once, on a thread of the line: with the worker's session, or with kUnavailable where the
  // queue was full, or the job waited for too long. `session` is null only with an error.
  using Job = UniqueFunction<void(Result<Session*>)>;

  struct Size {
    std::int64_t threads = 1;
    std::int64_t queued_max = 0;
  };
  Line(SessionParts parts, Connection::Mode mode, Size size);
  // Calls all that is queued, then ends the threads.
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  void submit(Job job);

 private:
  struct Waiting {
    Job job;
    MonotonicTime until{0};
  };
  struct State {
    std::deque<Waiting> queued;
    std::deque<Job> refused;
    bool refusing_sleeps = false;  // until it is called: nothing waits, as far as it knows
    bool stopping = false;
  };

  void work();
  void refuse();
  // What the refusing thread is to answer now; waits for it. Empty at the end.
  std::deque<Job> next_refused();

  const SessionParts parts_;
  const Connection::Mode mode_;
  const std::size_t queued_max_;
  Guarded<State> state_;
  std::condition_variable queued_;
  std::condition_variable refused_;
  std::vector<std::thread> threads_;  // last: they start when all else is there
};

}  // namespace longwire::storage::mysql
