#pragma once

// ClientPool: a few threads that make blocking calls, one connection each, behind a queue that has
// an end. Never an event loop's thread.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "base/guarded.h"
#include "storage/hbase/link.h"

namespace longwire::storage::hbase {

// Thread-safe.
class ClientPool final {
 public:
  // Runs on one of the threads, once; with an error where it is only to say so: the queue was full,
  // the request waited longer than operation_timeout, or the pool ends.
  using Job = UniqueFunction<void(Result<Link*>)>;

  struct Size {
    std::int64_t connections = 1;
    std::int64_t queued_max = 1;
  };

  // All references outlive it.
  ClientPool(Size size, const Options& options, GatewayList& gateways, const Clock& clock);
  // Lets the calls under way end, refuses what is queued.
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;

  void submit(Job job);
  // The end of it begins: what is queued is refused, and what comes. Does not wait.
  void stop();

 private:
  struct Waiting {
    Job job;
    MonotonicTime since{0};
  };
  // A thread that has nothing to do.
  struct Idler {
    std::condition_variable called;
    bool is_called = false;
  };
  struct Queue {
    std::deque<Waiting> admitted;
    std::vector<Idler*> idle;  // the one who was busy last is called first: it is warm
    std::deque<Job> refused;
    bool stopping = false;
    bool ended = false;  // all workers have
  };

  void run();
  // Empty: the end.
  std::optional<Job> take(Idler& self);
  // No longer among the idle; while `queue_` is held: its thread may end when it is not.
  static void call(Idler& idler);
  // One thread answers what gets no connection, so that calls that hang delay no refusal.
  void turn_away();
  // The next to be turned away, and why. Empty: the end.
  std::optional<std::pair<Job, Error>> take_refused();

  const std::size_t queued_max_;
  const Options& options_;
  GatewayList& gateways_;
  const Clock& clock_;
  Guarded<Queue> queue_;
  std::condition_variable refused_;
  std::vector<std::thread> threads_;  // last: start when all else is there
  std::thread refuser_;
};

}  // namespace longwire::storage::hbase
