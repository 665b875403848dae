#pragma once

// Options: every limit of the HBase back end, with its key in the configuration.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "middle/ports/partition_store.h"
#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {

struct Options {
  std::vector<std::string> gateways = {"127.0.0.1:9090"};  // "host:port", any number
  std::string table_prefix = "longwire";

  // One thread and one connection each. A partition has one commit in flight.
  std::int64_t commit_connections = 16;
  std::int64_t read_connections = 8;
  std::int64_t derive_connections = 2;

  std::chrono::milliseconds connect_timeout{1000};
  // Of one call, above what the gateway gives HBase; an operation makes one or a few.
  std::chrono::milliseconds call_timeout{10'000};
  // Of createTable and the like.
  std::chrono::milliseconds admin_timeout{60'000};
  // From the request to its last call's beginning.
  std::chrono::milliseconds operation_timeout{15'000};
  // A connection idle for longer is made anew; below what the gateway allows.
  std::chrono::milliseconds idle_max{30'000};
  // One that is older is made anew, to the next gateway in turn: gateways share the connections
  // again after one of them was away. Where there is little to do the few used last do it all.
  std::chrono::milliseconds age_max{300'000};
  // A gateway that failed is left alone for a time that doubles from one to the other.
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{5'000};
  // Each gateway is asked whether it serves.
  std::chrono::milliseconds probe_every{5'000};

  std::int64_t commits_queued_max = 4096;
  std::int64_t reads_queued_max = 4096;

  // Of each partition, committed and not yet derived; past it commits are refused for a while.
  std::int64_t underived_bytes_max = 64 * 1024 * 1024;
  std::int64_t underived_batches_max = 1000;
  // Of one call that writes derived rows.
  std::int64_t derive_rows_max = 1000;
  std::int64_t derive_bytes_max = 2 * 1024 * 1024;
  // A call that is not full begins no sooner than so long after the one before: where little is
  // committed, batches of many partitions still share one.
  std::chrono::milliseconds derive_every{20};
  std::int64_t get_rows_max = 200;

  // How long a removal stays written, against writers that were asleep, before it may be deleted.
  std::chrono::milliseconds removed_kept{std::chrono::hours(72)};

  // Rows that are dead are deleted in passes: a page of so many, a pause; a pass begins not before
  // so long after the one before. 0: never.
  std::chrono::milliseconds sweep_every{std::chrono::hours(6)};
  std::chrono::milliseconds sweep_pause{100};
  std::int64_t sweep_rows = 1000;

  std::int64_t answer_bytes_max = 256 * 1024 * 1024;  // Thrift's limits of one answer, of a string
  std::int64_t value_bytes_max = 16 * 1024 * 1024;    // in it, and of the items of a list
  std::int64_t answer_items_max = 65'536;

  // Makes the storage where there is none; with as many regions a table, 0: one a partition.
  std::optional<middle::StorageInfo> create_with;
  std::int64_t regions = 0;

  ConnectGateway connect = nullptr;  // by default connect_thrift(); for tests

  std::string log_table() const { return table_prefix + "_log"; }
  std::string rows_table() const { return table_prefix + "_rows"; }
};
void declare_config(ConfigSchema& schema, Options& options);

}  // namespace longwire::storage::hbase
