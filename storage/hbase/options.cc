#include "storage/hbase/options.h"

#include "storage/hbase/format.h"
#include "storage/hbase/thrift_connection.h"

namespace longwire::storage::hbase {
namespace {

constexpr std::int64_t kConnectionsMax = 256;
constexpr std::int64_t kQueuedMax = 1'000'000;
constexpr std::int64_t kHourMs = 3'600'000;

Status check_gateway(const std::string& value) {
  if (parse_gateway_address(value).ok()) return {};
  return Error{ErrorCode::kInvalidArgument, "must be \"host:port\""};
}

void declare_connections(ConfigSchema& schema, Options& options) {
  schema.add({.key = "hbase.gateways",
              .help = "Thrift 2 gateways, \"host:port\" each; compact protocol, not framed.",
              .check = check_gateway},
             options.gateways);
  schema.add({.key = "hbase.table_prefix",
              .help = "What the names of the tables begin with: several may share one HBase."},
             options.table_prefix);
  schema.add({.key = "hbase.commit_connections",
              .help = "Connections, and threads, that commit: partitions that commit at once.",
              .min = 1,
              .max = kConnectionsMax},
             options.commit_connections);
  schema.add({.key = "hbase.read_connections",
              .help = "Connections, and threads, that read.",
              .min = 1,
              .max = kConnectionsMax},
             options.read_connections);
  schema.add({.key = "hbase.derive_connections",
              .help = "Connections, and threads, that write derived rows.",
              .min = 1,
              .max = kConnectionsMax},
             options.derive_connections);
}

void declare_times(ConfigSchema& schema, Options& options) {
  const auto add = [&schema](std::string_view key, std::string_view help,
                             std::chrono::milliseconds& target) {
    schema.add({.key = key, .help = help, .min = 1, .max = 24 * 365 * kHourMs}, target);
  };
  add("hbase.connect_timeout", "How long a gateway may take to accept.", options.connect_timeout);
  add("hbase.call_timeout",
      "How long one call may take; more than the gateway's own limit on HBase's side.",
      options.call_timeout);
  add("hbase.admin_timeout", "How long the making of a table may take.", options.admin_timeout);
  add("hbase.operation_timeout",
      "How long a request waits for a connection, and a scan goes on making calls.",
      options.operation_timeout);
  add("hbase.idle_max", "A connection idle for longer is made anew.", options.idle_max);
  add("hbase.age_max",
      "A connection older than that is made anew, to the next gateway in turn: one that was away "
      "gets its share again.",
      options.age_max);
  add("hbase.backoff_min", "The first pause after failures of a gateway; it doubles.",
      options.backoff_min);
  add("hbase.backoff_max", "The longest pause.", options.backoff_max);
  add("hbase.probe_every", "How often each gateway is asked whether it serves.",
      options.probe_every);
  schema.add(
      {.key = "hbase.derive_every",
       .help = "Derived rows that do not fill a call are written no sooner than so long after "
               "those before them; what is committed meanwhile goes with them.",
       .min = 0,
       .max = 200},
      options.derive_every);
  add("hbase.removed_kept", "How long a removal stays written before it may be deleted.",
      options.removed_kept);
  schema.add({.key = "hbase.sweep_every",
              .help = "How often dead rows are looked for, to delete them; 0: never.",
              .min = 0,
              .max = 24 * 365 * kHourMs},
             options.sweep_every);
  add("hbase.sweep_pause", "The pause after each page of that.", options.sweep_pause);
}

void declare_bounds(ConfigSchema& schema, Options& options) {
  schema.add({.key = "hbase.commits_queued_max",
              .help = "Commits that wait for a connection; more are refused.",
              .min = 1,
              .max = kQueuedMax},
             options.commits_queued_max);
  schema.add({.key = "hbase.reads_queued_max",
              .help = "Reads that wait for a connection; more are refused.",
              .min = 1,
              .max = kQueuedMax},
             options.reads_queued_max);
  schema.add({.key = "hbase.underived_bytes_max",
              .unit = "bytes",
              .help = "Of a partition, committed and not yet derived; past it commits are refused.",
              .min = 1,
              .max = std::int64_t{1} << 32},
             options.underived_bytes_max);
  schema.add({.key = "hbase.underived_batches_max",
              .help = "The same as a number of batches.",
              .min = 1,
              .max = 1000},
             options.underived_batches_max);
  schema.add({.key = "hbase.derive_rows_max",
              .help = "Rows that one call writes.",
              .min = 1,
              .max = 10'000},
             options.derive_rows_max);
  schema.add({.key = "hbase.derive_bytes_max",
              .unit = "bytes",
              .help = "Bytes that one call writes; a row always goes.",
              .min = 1,
              .max = 64 * 1024 * 1024},
             options.derive_bytes_max);
  schema.add({.key = "hbase.get_rows_max",
              .help = "Rows that one call reads by their keys.",
              .min = 1,
              .max = 10'000},
             options.get_rows_max);
  schema.add({.key = "hbase.sweep_rows",
              .help = "Rows that one page of a pass for dead rows reads.",
              .min = 1,
              .max = 10'000},
             options.sweep_rows);
  schema.add({.key = "hbase.regions",
              .help = "Regions of a table when it is made; 0: one a partition.",
              .min = 0,
              .max = middle::kPartitionsMax},
             options.regions);
}

void declare_answers(ConfigSchema& schema, Options& options) {
  constexpr std::int64_t kBytesMax = 1024 * 1024 * 1024;
  schema.add({.key = "hbase.answer_bytes_max",
              .unit = "bytes",
              .help = "The longest answer of a gateway that is read.",
              .min = 1024 * 1024,
              .max = kBytesMax},
             options.answer_bytes_max);
  schema.add({.key = "hbase.value_bytes_max",
              .unit = "bytes",
              .help = "The longest value in it.",
              .min = 1024 * 1024,
              .max = kBytesMax},
             options.value_bytes_max);
  schema.add({.key = "hbase.answer_items_max",
              .help = "The most items of a list in it.",
              .min = 10'000,
              .max = kBytesMax},
             options.answer_items_max);
}

}  // namespace

void declare_config(ConfigSchema& schema, Options& options) {
  declare_connections(schema, options);
  declare_times(schema, options);
  declare_bounds(schema, options);
  declare_answers(schema, options);
}

}  // namespace longwire::storage::hbase
