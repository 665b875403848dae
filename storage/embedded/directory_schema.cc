#include "storage/embedded/directory_schema.h"

#include <array>
#include <string>

namespace longwire::storage {
namespace {

// Never edited once released: a change of the schema is a further step.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE apps (
  id BLOB PRIMARY KEY, key BLOB NOT NULL, name BLOB NOT NULL, packages BLOB NOT NULL,
  secrets BLOB NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE users (
  account BLOB PRIMARY KEY, created INTEGER NOT NULL, banned INTEGER NOT NULL,
  sha1_salt BLOB NOT NULL, sha1_iterations INTEGER NOT NULL, sha1_stored_key BLOB NOT NULL,
  sha1_server_key BLOB NOT NULL,
  sha256_salt BLOB NOT NULL, sha256_iterations INTEGER NOT NULL, sha256_stored_key BLOB NOT NULL,
  sha256_server_key BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE roster (
  owner BLOB NOT NULL, contact BLOB NOT NULL, name BLOB NOT NULL, groups BLOB NOT NULL,
  subscription INTEGER NOT NULL, ask INTEGER NOT NULL, pending_in INTEGER NOT NULL,
  pending_stanza BLOB NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY (owner, contact)) STRICT, WITHOUT ROWID;
CREATE TABLE roster_version (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
INSERT INTO roster_version VALUES (1, 0);
CREATE TABLE topics_applied (partition INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;
CREATE TABLE topic_carriers (
  app BLOB NOT NULL, tag BLOB NOT NULL, registration BLOB NOT NULL, since INTEGER NOT NULL,
  until INTEGER, PRIMARY KEY (app, tag, registration)) STRICT, WITHOUT ROWID;
CREATE TABLE counters (
  app BLOB NOT NULL, day BLOB NOT NULL, name BLOB NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY (app, day, name)) STRICT, WITHOUT ROWID;
)sql";

// Step i leads from version i to i + 1.
constexpr std::array kSteps = {kVersion1};

}  // namespace

Error lost_directory(const std::string& what) {
  return {ErrorCode::kCorrupt,
          what + ": apps, users and rosters of this storage are lost; restore from a backup"};
}

Status prepare_directory_schema(SqliteConnection& connection, bool sync, bool create) {
  TRY(connection.execute(sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF"));
  TRY(
      connection.execute("PRAGMA journal_mode = WAL; "
                         "PRAGMA journal_size_limit = 67108864;"));
  std::uint64_t version = 0;
  {
    auto query = connection.query("PRAGMA user_version");
    if (query.next()) version = query.number(0);
    TRY(query.status());
  }
  if (version == 0 && !create) return lost_directory("the directory has no tables");
  if (version > kSteps.size()) {
    return Error{ErrorCode::kUnsupported, "directory schema " + std::to_string(version) +
                                              " is newer than this program, which knows up to " +
                                              std::to_string(kSteps.size())};
  }
  for (; version < kSteps.size(); ++version) {
    Status done =
        connection.execute("BEGIN IMMEDIATE;" + std::string(kSteps[version]) +
                           "PRAGMA user_version = " + std::to_string(version + 1) + ";COMMIT;");
    if (!done.ok()) {
      (void)connection.execute("ROLLBACK");
      return done;
    }
  }
  return {};
}

}  // namespace longwire::storage
