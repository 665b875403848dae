#pragma once

// Reads a partition's log: its head, and the batches that are not derived.

#include <deque>

#include "middle/ports/partition_store.h"
#include "storage/hbase/format.h"
#include "storage/hbase/link.h"

namespace longwire::storage::hbase {

struct StoredHead {
  LogHead log;
  Bytes bytes;  // as stored, what the next commit is conditional on; empty: there is none
};

struct LoggedBatch {
  middle::Position position = 0;
  middle::BatchPtr batch;  // null once derived
  std::size_t bytes = 0;   // encoded
  std::size_t parts = 0;
};

struct StoredLog {
  StoredHead head;
  std::deque<LoggedBatch> batches;  // from head.log.underived to the head's position
};

class LogReader final {
 public:
  LogReader(const Options& options, middle::PartitionId partition)
      : options_(options), partition_(partition) {}

  Result<StoredHead> head(Link& link) const;

  // All of one moment: where the log's owner goes on meanwhile it is read again.
  Result<StoredLog> log(Link& link) const;

 private:
  // The cells of positions [from, to), in pages. False: one is no longer, or not, what it was.
  Result<bool> read_batches(Link& link, StoredLog& log) const;
  Result<bool> read_page(Link& link, middle::Position from, middle::Position to,
                         StoredLog& log) const;
  Result<Bytes> rest_of(Link& link, const BatchPart& first) const;

  const Options& options_;
  const middle::PartitionId partition_;
};

}  // namespace longwire::storage::hbase
