#pragma once

// Deriver: threads that carry batches from the logs into the rows table, those of many partitions
// in one call. A call begins derive_every after the one before, or as soon as it is full, with what
// has gathered by then. The partitions of a call that failed go alone until they have succeeded:
// one that cannot be written holds back no other.

#include <condition_variable>
#include <deque>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "storage/hbase/link.h"
#include "storage/hbase/partition_log.h"

namespace longwire::storage::hbase {

// Thread-safe.
class Deriver final {
 public:
  // All references outlive it.
  Deriver(const Options& options, GatewayList& gateways, const Clock& clock, LogSink& log);
  // Lets the calls under way end. What is not derived is found by who opens the partition next.
  ~Deriver();
  Deriver(const Deriver&) = delete;
  Deriver& operator=(const Deriver&) = delete;

  // There is something to derive. `partition` outlives the deriver.
  void wake(PartitionLog& partition);
  // The end of it begins. Does not wait.
  void stop();

 private:
  struct Work {
    PartitionLog* partition = nullptr;
    Underived batches;
  };
  using Round = std::vector<Work>;  // what one call carries
  struct Queue {
    std::deque<PartitionLog*> waiting;
    std::set<PartitionLog*> queued;  // those that wait
    std::set<PartitionLog*> failed;  // those that go alone
    MonotonicTime not_before{0};     // the next call
    bool gathering = false;          // a thread waits for that time: one is enough
    bool stopping = false;
    bool failing = false;
  };

  void run();
  // Waits until there is something, and a call may begin. Empty: the end.
  std::optional<Round> next();
  // Of those that wait; empty: others derive them, and will say when there is more.
  Round gather(Queue& queue);
  void derive(Link& link, const Round& round);
  void pause(const Error& error);
  // Its partitions have more, or are to be tried again.
  void settle(const Round& round, bool done);
  static bool add(Queue& queue, PartitionLog& partition);

  const Options& options_;
  GatewayList& gateways_;
  const Clock& clock_;
  const Logger log_;
  Guarded<Queue> queue_;
  std::condition_variable changed_;
  std::condition_variable stopped_;
  std::vector<std::thread> threads_;  // last: start when all else is there
};

}  // namespace longwire::storage::hbase
