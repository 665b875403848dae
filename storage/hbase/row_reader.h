#pragma once

// RowReader: rows as they are after the last commit: what is not derived over what is. A row that
// has expired is not there. Reads that run while commits do see each row before or after them.

#include <optional>
#include <vector>

#include "base/clock.h"
#include "storage/hbase/link.h"
#include "storage/hbase/partition_log.h"

namespace longwire::storage::hbase {

using RowValues = std::vector<std::optional<Bytes>>;

// Thread-safe. Calls block.
class RowReader final {
 public:
  // All references outlive it.
  RowReader(const Options& options, const Clock& clock) : options_(options), clock_(clock) {}

  Result<RowValues> get(Link& link, PartitionLog& partition, const std::vector<Bytes>& keys) const;
  Result<std::vector<middle::Row>> scan(Link& link, PartitionLog& partition,
                                        const middle::ScanRequest& request) const;

 private:
  Status get_stored(Link& link, middle::PartitionId partition, const std::vector<Bytes>& keys,
                    const std::vector<std::size_t>& asked, RowValues& values) const;

  const Options& options_;
  const Clock& clock_;
};

}  // namespace longwire::storage::hbase
