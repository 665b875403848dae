#include "storage/mysql/options.h"

#include "base/secret_file.h"

namespace longwire::storage::mysql {
namespace {

constexpr std::int64_t kConnectionsMax = 256;
constexpr std::int64_t kQueuedMax = 1'000'000;
constexpr std::int64_t kHourMs = 3'600'000;

Status check_peer(const std::string& value) {
  return value.empty() ? Status() : check_address(value);
}

void declare_server(ConfigSchema& schema, Options& options) {
  schema.add({.key = "mysql.address",
              .help = "The MariaDB server, \"host:port\".",
              .check = check_address},
             options.address);
  schema.add({.key = "mysql.user", .help = "The account used there."}, options.user);
  schema.add({.key = "mysql.password", .help = "Its password; better in a file."},
             options.password);
  schema.add({.key = "mysql.password_file",
              .help = "File with the password, read at each connection; goes before mysql.password "
                      "where both are given."},
             options.password_file);
  schema.add({.key = "mysql.database", .help = "The database that holds the tables."},
             options.database);
  schema.add({.key = "mysql.tls",
              .help = "off, required (encrypted), or verified (and the server's certificate is "
                      "checked against mysql.tls_ca).",
              .choices = {"off", "required", "verified"}},
             options.tls);
  schema.add({.key = "mysql.tls_ca", .help = "PEM file of the authorities of mysql.tls verified."},
             options.tls_ca);
}

void declare_pair(ConfigSchema& schema, Options& options) {
  schema.add({.key = "mysql.peer",
              .help = "The other master of a pair, \"host:port\"; empty: mysql.address is alone.",
              .check = check_peer},
             options.peer);
  schema.add({.key = "mysql.pair_user",
              .help = "The account that opens and closes the servers of a pair for writing, and "
                      "directs their replication."},
             options.pair_user);
  schema.add({.key = "mysql.pair_password", .help = "Its password; better in a file."},
             options.pair_password);
  schema.add({.key = "mysql.pair_password_file",
              .help = "File with it, read at each connection; goes before mysql.pair_password."},
             options.pair_password_file);
}

void declare_shards(ConfigSchema& schema, Options& options) {
  schema.add({.key = "mysql.shards",
              .help = "Further servers, \"name=host:port\" each, or pairs, "
                      "\"name=host:port+host:port\"; mysql.address is the one called main."},
             options.shards);
  schema.add({.key = "mysql.shard_apps",
              .help = "Where the topics and counters of apps lie: \"appId=name\", or for a range "
                      "of hashes of their ids \"hash:0-32767=name\"; all others on main. An app "
                      "that exists cannot be moved."},
             options.shard_apps);
}

void declare_queues(ConfigSchema& schema, Options& options) {
  schema.add({.key = "mysql.write_connections",
              .help = "Connections, and threads, that write.",
              .min = 1,
              .max = kConnectionsMax},
             options.write_connections);
  schema.add({.key = "mysql.read_connections",
              .help = "Connections, and threads, that read.",
              .min = 1,
              .max = kConnectionsMax},
             options.read_connections);
  schema.add({.key = "mysql.writes_queued_max",
              .help = "Writes that wait for one writing connection; more are refused.",
              .min = 0,
              .max = kQueuedMax},
             options.writes_queued_max);
  schema.add({.key = "mysql.reads_queued_max",
              .help = "Reads that wait for a connection; more are refused.",
              .min = 0,
              .max = kQueuedMax},
             options.reads_queued_max);
}

void declare_times(ConfigSchema& schema, Options& options) {
  const auto add = [&schema](std::string_view key, std::string_view help,
                             std::chrono::milliseconds& target) {
    schema.add({.key = key, .help = help, .min = 1, .max = 24 * 365 * kHourMs}, target);
  };
  add("mysql.wait_max", "How long a call waits for a connection before it is refused.",
      options.wait_max);
  add("mysql.connect_timeout", "How long the server may take to accept; whole seconds.",
      options.connect_timeout);
  add("mysql.read_timeout", "How long it may take to answer a statement; whole seconds.",
      options.read_timeout);
  add("mysql.write_timeout", "How long it may take to accept a statement; whole seconds.",
      options.write_timeout);
  add("mysql.lock_timeout", "How long a statement waits for a row's lock; whole seconds.",
      options.lock_timeout);
  add("mysql.decide_timeout", "How long a commit is asked after whose answer was lost.",
      options.decide_timeout);
  add("mysql.backoff_min", "The first pause while the server cannot be reached; it doubles.",
      options.backoff_min);
  add("mysql.backoff_max", "The longest pause.", options.backoff_max);
  add("mysql.retry_after", "What callers that were refused are told to wait.", options.retry_after);
  add("mysql.pair_check_every", "How often both servers of a pair are looked at.",
      options.pair_check_every);
  add("mysql.pair_timeout",
      "How long one may take to answer such a look, whole seconds; above the servers' "
      "rpl_semi_sync_master_timeout and rpl_semi_sync_slave_kill_conn_timeout.",
      options.pair_timeout);
  add("mysql.failover_after",
      "How long the server that is written to may be away before the other takes over.",
      options.failover_after);
  add("mysql.pair_lease",
      "How long the process that keeps the pair may be silent before another one does.",
      options.pair_lease);
  add("mysql.pair_apply_timeout",
      "How long the other server may take to apply what it received, before it takes over.",
      options.pair_apply_timeout);
  add("mysql.pair_open_timeout", "How long a start waits for a pair that can be written to.",
      options.pair_open_timeout);
  add("mysql.writer_kept", "How long the row of a writing connection that ended is kept.",
      options.writer_kept);
}

}  // namespace

void declare_config(ConfigSchema& schema, Options& options) {
  declare_server(schema, options);
  declare_pair(schema, options);
  declare_shards(schema, options);
  declare_queues(schema, options);
  declare_times(schema, options);
  schema.add({.key = "mysql.attempts_max",
              .help = "How often a call is tried that meets a lost connection or a deadlock.",
              .min = 1,
              .max = 100},
             options.attempts_max);
}

Status check_address(const std::string& value) {
  const auto colon = value.rfind(':');
  if (colon != std::string::npos && colon > 0 && colon + 1 < value.size() &&
      value.find_first_not_of("0123456789", colon + 1) == std::string::npos) {
    return {};
  }
  return Error{ErrorCode::kInvalidArgument, "must be \"host:port\""};
}

Result<Secret> current_password(const Options& options) {
  if (options.password_file.empty()) return options.password;
  auto secret = read_secret_file(options.password_key, options.password_file);
  if (secret.ok()) return secret;
  Error error = secret.error();
  error.retry_after = options.retry_after;
  return error;
}

}  // namespace longwire::storage::mysql
