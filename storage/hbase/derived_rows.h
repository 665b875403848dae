#pragma once

// Writes what batches say into the rows table. May be done any number of times, by anybody, in any
// order: a cell bears the stamp of its batch, and HBase keeps the highest.

#include <utility>
#include <vector>

#include "middle/ports/partition_store.h"
#include "storage/hbase/gateway_connection.h"
#include "storage/hbase/link.h"

namespace longwire::storage::hbase {

using LoggedBatches = std::vector<std::pair<middle::Position, middle::BatchPtr>>;

// Appends the newest write of each key. `batches` in the order of their positions.
void append_derived(middle::PartitionId partition, const LoggedBatches& batches,
                    std::chrono::milliseconds removed_kept, std::vector<StoredRow>& out);

// In calls of at most derive_rows_max rows and derive_bytes_max bytes, but at least one row. After
// an error some may be in.
Status put_derived(Link& link, const Options& options, std::vector<StoredRow> rows);

}  // namespace longwire::storage::hbase
