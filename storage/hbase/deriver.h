#pragma once

// Deriver: threads that carry batches from the logs into the rows table, those of many partitions
// in one call. What gathers while a call runs, or within derive_every of its beginning, goes with
// the next.

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
  struct Queue {
    std::deque<PartitionLog*> waiting;
    std::set<PartitionLog*> queued;
    MonotonicTime not_before{0};  // the next call
    bool gathering = false;       // a thread waits for that time: one is enough
    bool stopping = false;
    bool failing = false;
  };

  void run();
  // Waits for partitions that have something, and until a call may begin. Empty: the end.
  std::optional<std::vector<PartitionLog*>> next();
  std::vector<Work> gather(const std::vector<PartitionLog*>& partitions);
  void derive(Link& link, const std::vector<Work>& work);
  void pause(const Error& error);

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
