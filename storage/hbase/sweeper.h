#pragma once

// Sweeper: a thread that passes over the rows of the partitions that are ours, and deletes what has
// been removed or expired for long enough. Slowly: a page, a pause; then it rests.
//
// It deletes with markers of the dead cells' own stamps. So it is harmless at any time and by
// anybody: what was written since has a higher stamp.

#include <condition_variable>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "storage/hbase/link.h"
#include "storage/hbase/partition_log.h"

namespace longwire::storage::hbase {

// Thread-safe.
class Sweeper final {
 public:
  using Partitions = std::vector<std::unique_ptr<PartitionLog>>;

  // All references outlive it. With sweep_every at 0 it does nothing.
  Sweeper(const Options& options, GatewayList& gateways, const Clock& clock,
          const Partitions& partitions);
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  // The end of it begins. Does not wait.
  void stop();

 private:
  void run();
  // False: the end.
  bool pause(std::chrono::milliseconds time);
  // One page from `from` on: where the next begins, empty after the last.
  Result<std::optional<Bytes>> sweep_page(Link& link, const PartitionLog& partition,
                                          const Bytes& from) const;
  bool sweep(Link& link, const PartitionLog& partition);
  bool is_dead(const Cell& cell) const;

  const Options& options_;
  GatewayList& gateways_;
  const Clock& clock_;
  const Partitions& partitions_;
  Guarded<bool> stopping_;
  std::condition_variable stopped_;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace longwire::storage::hbase
