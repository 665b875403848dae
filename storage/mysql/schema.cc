#include "storage/mysql/schema.h"

#include <iterator>

#include "storage/mysql/connection.h"

namespace longwire::storage::mysql {
namespace {

// What came from outside is VARBINARY: any byte, ordered and compared by bytes, as the port wants;
// a collation of text, even a binary one, would refuse what is no UTF-8. Lengths: XMPP's for
// accounts and contacts (RFC 7622), so that a roster's key just fits InnoDB's 3,072 bytes.
// A statement may be repeated: DDL is not rolled back, so a step cut short begins anew.
constexpr const char* kVersion1[] = {
    "CREATE TABLE IF NOT EXISTS writers ("
    " writer VARBINARY(16) NOT NULL PRIMARY KEY, number BIGINT UNSIGNED NOT NULL,"
    " used TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)",
    "CREATE TABLE IF NOT EXISTS apps ("
    " id VARBINARY(255) NOT NULL PRIMARY KEY, app_key VARBINARY(1024) NOT NULL,"
    " name MEDIUMBLOB NOT NULL, packages MEDIUMBLOB NOT NULL, secrets MEDIUMBLOB NOT NULL,"
    " created BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS users ("
    " account VARBINARY(1023) NOT NULL PRIMARY KEY, created BIGINT NOT NULL,"
    " banned BOOLEAN NOT NULL,"
    " sha1_salt VARBINARY(255) NOT NULL, sha1_iterations INT UNSIGNED NOT NULL,"
    " sha1_stored_key VARBINARY(255) NOT NULL, sha1_server_key VARBINARY(255) NOT NULL,"
    " sha256_salt VARBINARY(255) NOT NULL, sha256_iterations INT UNSIGNED NOT NULL,"
    " sha256_stored_key VARBINARY(255) NOT NULL, sha256_server_key VARBINARY(255) NOT NULL)",
    // The counter of `version` outlives its rows: a version never comes back.
    "CREATE TABLE IF NOT EXISTS roster ("
    " owner VARBINARY(1023) NOT NULL, contact VARBINARY(2047) NOT NULL,"
    " name MEDIUMBLOB NOT NULL, group_names MEDIUMBLOB NOT NULL,"
    " subscription TINYINT UNSIGNED NOT NULL, ask BOOLEAN NOT NULL, pending_in BOOLEAN NOT NULL,"
    " pending_stanza MEDIUMBLOB NOT NULL, version BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,"
    " PRIMARY KEY (owner, contact), UNIQUE KEY (version))",
    "CREATE TABLE IF NOT EXISTS topics_applied ("
    " partition_id SMALLINT UNSIGNED NOT NULL PRIMARY KEY, position BIGINT UNSIGNED NOT NULL)",
    "CREATE TABLE IF NOT EXISTS topic_carriers ("
    " app VARBINARY(255) NOT NULL, tag VARBINARY(2048) NOT NULL,"
    " registration VARBINARY(255) NOT NULL, since_number BIGINT UNSIGNED NOT NULL,"
    " until_number BIGINT UNSIGNED NULL, PRIMARY KEY (app, tag, registration))",
    "CREATE TABLE IF NOT EXISTS counters ("
    " app VARBINARY(255) NOT NULL, day VARBINARY(255) NOT NULL, name VARBINARY(255) NOT NULL,"
    " total BIGINT UNSIGNED NOT NULL, PRIMARY KEY (app, day, name))",
};

// Before this step there was one server, and all apps lay there.
constexpr const char* kVersion2[] = {
    "CREATE TABLE IF NOT EXISTS shard_name ("
    " one TINYINT UNSIGNED NOT NULL PRIMARY KEY, name VARBINARY(64) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS app_shards ("
    " app VARBINARY(255) NOT NULL PRIMARY KEY, shard VARBINARY(64) NOT NULL)",
    "INSERT IGNORE INTO app_shards (app, shard) SELECT id, 'main' FROM apps",
};

struct Step {
  const char* what;
  const char* const* statements;
  std::size_t count;
};

// Step i leads from version i to i + 1. Never edited once released: a change is a further step.
constexpr Step kSteps[] = {
    {"make the tables of apps, users, rosters, topics and counters", kVersion1,
     std::size(kVersion1)},
    {"note on which shard each app lies", kVersion2, std::size(kVersion2)},
};
constexpr std::uint64_t kVersionHere = std::size(kSteps);

constexpr char kTableOptions[] =
    " ENGINE = InnoDB ROW_FORMAT = DYNAMIC"
    " DEFAULT CHARACTER SET = utf8mb4 DEFAULT COLLATE = utf8mb4_bin";
constexpr char kVersionsTable[] =
    "CREATE TABLE IF NOT EXISTS schema_versions ("
    " version INT UNSIGNED NOT NULL PRIMARY KEY, what VARCHAR(255) NOT NULL,"
    " done TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

Result<std::uint64_t> one_number(Connection& connection, const char* sql) {
  auto query = connection.query(sql);
  const std::uint64_t number = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return number;
}

Result<std::uint64_t> read_version(Connection& connection) {
  auto there = one_number(connection,
                          "SELECT COUNT(*) FROM information_schema.tables"
                          " WHERE table_schema = DATABASE() AND"
                          " table_name = 'schema_versions'");
  if (!there || *there == 0) return there;
  return one_number(connection, "SELECT COALESCE(MAX(version), 0) FROM schema_versions");
}

Result<SchemaState> read_state(Connection& connection) {
  const auto version = read_version(connection);
  if (!version) return version.error();
  if (*version > kVersionHere) {
    return Error{ErrorCode::kUnsupported, "the MySQL schema " + std::to_string(*version) +
                                              " is newer than this program, which knows up to " +
                                              std::to_string(kVersionHere)};
  }
  SchemaState state{*version, kVersionHere, {}};
  for (std::uint64_t i = *version; i < kVersionHere; ++i) state.steps.emplace_back(kSteps[i].what);
  return state;
}

Status do_step(Connection& connection, std::uint64_t version) {
  const Step& step = kSteps[version - 1];
  for (std::size_t i = 0; i < step.count; ++i) {
    const std::string statement = step.statements[i];
    const bool makes_table = statement.starts_with("CREATE TABLE");
    TRY(connection.execute(makes_table ? statement + kTableOptions : statement));
  }
  auto query = connection.query("INSERT INTO schema_versions (version, what) VALUES (?, ?)");
  return query.bind(version).bind(BytesView(step.what)).run();
}

Result<SchemaState> do_steps(Connection& connection) {
  auto state = read_state(connection);
  if (!state || state->steps.empty()) return state;
  TRY(connection.execute(std::string(kVersionsTable) + kTableOptions));
  while (state->version < kVersionHere) TRY(do_step(connection, ++state->version));
  return state;
}

// Held by the connection: a program that dies lets go.
Status lock_schema(Connection& connection, const Options& options) {
  auto query = connection.query("SELECT GET_LOCK(CONCAT('longwire.', MD5(DATABASE())), ?)");
  query.bind(static_cast<std::uint64_t>(options.lock_timeout.count() / 1000 + 1));
  const bool locked = query.next() && query.number(0) == 1;
  TRY(query.status());
  if (locked) return {};
  return Error{ErrorCode::kUnavailable, "another program changes the MySQL schema",
               options.retry_after};
}

}  // namespace

Result<SchemaState> check_schema(const Options& options) {
  auto connection = Connection::open(options, Connection::Mode::kReads);
  if (!connection && !options.peer.empty()) {
    connection = Connection::open(options.at(options.peer), Connection::Mode::kReads);
  }
  if (!connection) return connection.error();
  return read_state(**connection);
}

Result<SchemaState> prepare_schema(const Options& options) {
  auto connection = Connection::open(options, Connection::Mode::kReads);
  if (!connection) return connection.error();
  TRY(lock_schema(**connection, options));
  return do_steps(**connection);
}

Status forget_old_writers(const Options& options) {
  auto connection = Connection::open(options, Connection::Mode::kReads);
  if (!connection) return connection.error();
  auto query =
      (*connection)
          ->query("DELETE FROM writers WHERE used < CURRENT_TIMESTAMP - INTERVAL ? SECOND");
  return query.bind(static_cast<std::uint64_t>(options.writer_kept.count() / 1000)).run();
}

}  // namespace longwire::storage::mysql
