#include "storage/mysql/pair_server.h"

#include <utility>

namespace longwire::storage::mysql {
namespace {

using std::chrono::milliseconds;

constexpr char kLook[] =
    "SELECT @@server_id, @@gtid_domain_id, @@read_only, @@gtid_binlog_pos, @@gtid_current_pos,"
    " (SELECT variable_value FROM information_schema.global_status"
    "  WHERE variable_name = 'RPL_SEMI_SYNC_MASTER_STATUS') = 'ON',"
    " (SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status"
    "  WHERE variable_name = 'RPL_SEMI_SYNC_MASTER_CLIENTS')";

// What nothing here is right without. The last: a replica that stops asks its master to let it go,
// and a halted one leaves it waiting; our connection, and with it the proof that it has everything,
// would be lost meanwhile.
constexpr char kSettings[] =
    "SELECT @@log_bin AND @@log_slave_updates AND @@gtid_strict_mode"
    " AND @@rpl_semi_sync_master_enabled AND @@rpl_semi_sync_slave_enabled"
    " AND @@rpl_semi_sync_master_wait_no_slave AND @@sync_binlog = 1"
    " AND @@innodb_flush_log_at_trx_commit = 1 AND @@binlog_format = 'ROW'"
    " AND @@rpl_semi_sync_master_wait_point = 'AFTER_SYNC' AND @@gtid_domain_id <> 0"
    " AND @@rpl_semi_sync_master_timeout < ?"
    " AND @@rpl_semi_sync_slave_kill_conn_timeout * 1000 < ?";

Options for_pair(const Options& options) {
  Options out = options;
  out.user = options.pair_user;
  out.password = options.pair_password;
  out.password_file = options.pair_password_file;
  out.password_key = "mysql.pair_password_file";
  out.connect_timeout = out.read_timeout = out.write_timeout = options.pair_timeout;
  out.lock_timeout = options.pair_timeout;
  out.database.clear();  // it may not be there yet
  return out;
}

}  // namespace

PairServer::PairServer(const Options& options)
    : options_(for_pair(options)),
      table_("`" + options.database + "`.pair_state"),
      select_("SELECT epoch, holder, alone, keeper, beat FROM " + table_),
      select_settled_(select_ + " FOR UPDATE"),
      update_("UPDATE " + table_ +
              " SET epoch = ?, holder = ?, alone = ?, keeper = ?, beat = beat + 1"
              " WHERE epoch = ? AND holder = ? AND alone = ? AND keeper = ?"),
      insert_("INSERT IGNORE INTO " + table_ +
              " (one, epoch, holder, alone, keeper, beat) VALUES (1, ?, ?, ?, ?, 1)"),
      beat_("UPDATE " + table_ + " SET beat = beat + 1 WHERE epoch = ? AND keeper = ?") {}

Result<Connection*> PairServer::connect() {
  if (connection_) return connection_.get();
  auto made = Connection::open(options_, Connection::Mode::kReads);
  if (!made) return made.error();
  bool fit = false;
  {
    auto query = (*made)->query(kSettings);
    const auto timeout = static_cast<std::uint64_t>(options_.pair_timeout.count());
    query.bind(timeout).bind(timeout);
    fit = query.next() && query.number(0) == 1;
    TRY(query.status());
  }
  if (!fit) {
    return Error{
        ErrorCode::kUnavailable,
        options_.address + ": the server is not set up for a pair, see deploy/production.md",
        options_.retry_after};
  }
  connection_ = std::move(*made);
  ++connections_;
  return connection_.get();
}

Status PairServer::settle(Status status) {
  const bool odd = !status.ok() && status.error().code == ErrorCode::kInternal;
  if (connection_ && !status.ok() && (odd || connection_->failure() == FailureKind::kLost)) {
    connection_.reset();
  }
  if (connection_) connection_->forget_failure();
  return status;
}

Status PairServer::execute(const std::string& sql) {
  const auto connected = connect();
  if (!connected) return connected.error();
  return settle((*connected)->execute(sql));
}

Status PairServer::read_state(ServerSeen& seen) {
  auto query = connection_->query(kLook);
  if (!query.next()) return query.status();
  seen.server_id = query.number(0);
  seen.domain = query.number(1);
  seen.read_only = query.number(2) != 0;
  auto position = parse_gtid_position(query.bytes(3));
  if (!position) return position.error();
  seen.position = std::move(*position);
  auto applied = parse_gtid_position(query.bytes(4));
  if (!applied) return applied.error();
  seen.received = std::move(*applied);
  seen.in_sync = query.number(5) != 0;
  seen.acknowledgers = query.number(6);
  return query.status();
}

Status PairServer::read_record(ServerSeen& seen, bool settled) {
  auto query = connection_->query(settled ? select_settled_.c_str() : select_.c_str());
  if (query.next()) {
    PairRecord record;
    record.epoch = query.number(0);
    record.holder = query.number(1);
    record.alone = query.number(2) != 0;
    record.keeper = query.bytes(3);
    record.beat = query.number(4);
    seen.record = std::move(record);
  }
  const bool no_table = !query.status().ok() && query.status().error().code == ErrorCode::kCorrupt;
  return no_table ? Status() : query.status();
}

Result<ServerSeen> PairServer::look(bool settled) {
  const auto connected = connect();
  if (!connected) return connected.error();
  ServerSeen seen;
  TRY(settle(read_state(seen)));
  TRY(settle(read_record(seen, settled)));
  const auto replication = following();
  if (!replication) return replication.error();
  seen.receives = replication->receives && !replication->ignores;
  seen.applies = replication->applies;
  const auto received = parse_gtid_position(replication->received);
  if (received && seen.receives) seen.received = together(std::move(seen.received), *received);
  seen.connection = connections_;
  return seen;
}

Result<PairServer::Following> PairServer::following() {
  const auto connected = connect();
  if (!connected) return connected.error();
  Following found;
  Status status;
  {
    auto query = (*connected)->query("SHOW SLAVE STATUS");
    if (query.next()) {
      found.receives = query.bytes(query.column("Slave_IO_Running")) == "Yes";
      found.applies = query.bytes(query.column("Slave_SQL_Running")) == "Yes";
      found.received = query.bytes(query.column("Gtid_IO_Pos"));
      found.ignores = !query.bytes(query.column("Replicate_Ignore_Domain_Ids")).empty();
    }
    status = query.status();
  }
  TRY(settle(std::move(status)));
  return found;
}

Status PairServer::create(const PairRecord& record) {
  TRY(execute("CREATE TABLE IF NOT EXISTS " + table_ +
              " (one TINYINT UNSIGNED NOT NULL PRIMARY KEY, epoch BIGINT UNSIGNED NOT NULL,"
              " holder BIGINT UNSIGNED NOT NULL, alone BOOLEAN NOT NULL,"
              " keeper VARBINARY(16) NOT NULL, beat BIGINT UNSIGNED NOT NULL) ENGINE = InnoDB"));
  auto query = connection_->query(insert_.c_str());
  query.bind(record.epoch).bind(record.holder).bind(std::uint64_t{record.alone});
  return settle(query.bind(record.keeper).run());
}

Result<bool> PairServer::change(const PairRecord& from, const PairRecord& to) {
  const auto connected = connect();
  if (!connected) return connected.error();
  auto changed = change_once(from, to);
  if (!changed) connection_.reset();
  return changed;
}

// In a transaction: an update that the network holds back until we have given up is never
// committed.
Result<bool> PairServer::change_once(const PairRecord& from, const PairRecord& to) {
  TRY(connection_->execute("START TRANSACTION"));
  auto query = connection_->query(update_.c_str());
  for (const PairRecord* record : {&to, &from}) {
    query.bind(record->epoch).bind(record->holder).bind(std::uint64_t{record->alone});
    query.bind(record->keeper);
  }
  TRY(query.run());
  const bool changed = query.changes() == 1;
  TRY(connection_->execute("COMMIT"));
  return changed;
}

Status PairServer::beat(const PairRecord& record) {
  const auto connected = connect();
  if (!connected) return connected.error();
  auto query = (*connected)->query(beat_.c_str());
  return settle(query.bind(record.epoch).bind(record.keeper).run());
}

Status PairServer::set_read_only(bool on) {
  return execute(std::string("SET GLOBAL read_only = ") + (on ? "ON" : "OFF"));
}

Status PairServer::follow() {
  const auto now = following();
  if (!now) return now.error();
  if (now->ignores) {
    // What was ignored counts as taken; we want all that is not here.
    TRY(execute("STOP SLAVE"));
    TRY(execute("SET GLOBAL gtid_slave_pos = @@gtid_binlog_pos"));
    TRY(execute("CHANGE MASTER TO IGNORE_DOMAIN_IDS = ()"));
  }
  return execute("START SLAVE");
}

Status PairServer::leave(std::uint64_t domain_of_other) {
  TRY(execute("STOP SLAVE"));
  return execute("CHANGE MASTER TO IGNORE_DOMAIN_IDS = (" + std::to_string(domain_of_other) + ")");
}

Status PairServer::finish_received(milliseconds limit, const StopSignal& stop) {
  TRY(execute("STOP SLAVE IO_THREAD"));
  const auto now = following();
  if (!now) return now.error();
  if (now->receives || !now->applies) {
    return Error{ErrorCode::kUnavailable, "the other server does not apply what it received",
                 options_.retry_after};
  }
  const auto applied = wait_for(now->received, limit, stop);
  if (!applied) return applied.error();
  if (*applied) return {};
  return Error{ErrorCode::kUnavailable, "the other server applies what it received too slowly",
               options_.retry_after};
}

Result<bool> PairServer::wait_for(const Bytes& position, milliseconds limit,
                                  const StopSignal& stop) {
  // A second at a time: a statement may not take as long as the connection's timeout.
  for (std::int64_t seconds = limit.count() / 1000 + 1; seconds > 0 && !stop.stopped(); --seconds) {
    const auto connected = connect();
    if (!connected) return connected.error();
    auto query = (*connected)->query("SELECT MASTER_GTID_WAIT(?, 1)");
    query.bind(position);
    const bool reached = query.next() && query.number(0) == 0;
    TRY(settle(query.status()));
    if (reached) return true;
  }
  return false;
}

Result<bool> PairServer::lock() {
  const auto connected = connect();
  if (!connected) return connected.error();
  auto query = (*connected)->query("SELECT GET_LOCK('longwire.pair', 1)");
  const bool locked = query.next() && query.number(0) == 1;
  TRY(settle(query.status()));
  return locked;
}

void PairServer::unlock() {
  if (connection_) (void)execute("DO RELEASE_LOCK('longwire.pair')");
}

}  // namespace longwire::storage::mysql
