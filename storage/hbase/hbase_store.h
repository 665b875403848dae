#pragma once

// PartitionStore on HBase through its Thrift 2 gateway: a log row a partition, and rows derived
// from it (README.md). Only daemon/ and tests/ include this.
//
// Threads: its own, commit_connections + read_connections + derive_connections that make calls,
// two that refuse and one that sweeps; callbacks run on them and must be short.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "middle/ports/partition_store.h"
#include "storage/hbase/options.h"

namespace longwire::storage::hbase {

// Checks the storage, or makes it where `create_with` says so, and opens it. The references
// outlive the store. kNotFound: no storage was made. kInvalidArgument: options out of bounds.
Result<std::unique_ptr<middle::PartitionStore>> open_store(Options options, const Clock& clock,
                                                           LogSink& log, Metrics& metrics);

// What `longwire storage init` does: makes what is not there, and only that.
Result<middle::StorageInfo> init_storage(Options options, const middle::StorageInfo& info,
                                         const Clock& clock, LogSink& log);
// What it would do: a sentence a step; none where there is a storage.
Result<std::vector<std::string>> planned_steps(Options options, const middle::StorageInfo& info,
                                               const Clock& clock, LogSink& log);
// What `longwire storage check` begins with.
Result<middle::StorageInfo> inspect_storage(Options options, const Clock& clock, LogSink& log);
// Says that the storage is `to` where it still is `from`, of the same number of partitions; another
// incarnation, or the mark of an import. kUnavailable: it may be said or not, repeat it.
Status replace_info(Options options, const middle::StorageInfo& from, const middle::StorageInfo& to,
                    const Clock& clock, LogSink& log);
// For tests: all of it goes.
Status remove_storage(Options options, const Clock& clock, LogSink& log);

}  // namespace longwire::storage::hbase
