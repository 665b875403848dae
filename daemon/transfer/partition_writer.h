#pragma once

// PartitionWriter: a partition taken over by a command that runs without a server.

#include <memory>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "middle/ports/partition_store.h"

namespace longwire::daemon {

// Blocks; used by the main thread alone. `store` and `executor` outlive it.
class PartitionWriter final {
 public:
  static Result<PartitionWriter> open(middle::PartitionStore& store, Executor& executor,
                                      middle::PartitionId partition, Random& random);

  const middle::Head& head() const { return head_; }
  // One batch, its stamp at least `stamp`. kDeposed: another has taken the partition over.
  Status commit(std::vector<middle::RowWrite> rows, Bytes state, Timestamp stamp);
  // kDeposed: another has, or had.
  Status must_be_ours();

 private:
  PartitionWriter(middle::PartitionStore& store, Executor& executor, middle::PartitionId partition,
                  middle::WriterId writer, middle::Head head)
      : store_(&store),
        executor_(&executor),
        partition_(partition),
        writer_(std::move(writer)),
        head_(std::move(head)) {}
  Error deposed() const;

  middle::PartitionStore* store_;
  Executor* executor_;
  middle::PartitionId partition_;
  middle::WriterId writer_;
  middle::Head head_;
};

// Takes all over, so that whoever wrote until now is deposed. `executor` is a loop's.
Result<std::vector<PartitionWriter>> take_over_all(middle::PartitionStore& store,
                                                   Executor& executor, Random& random);
Status must_be_ours(std::vector<PartitionWriter>& writers);

}  // namespace longwire::daemon
