#include "storage/embedded/sqlite.h"

#include <sqlite3.h>

#include <chrono>
#include <utility>

namespace longwire::storage {
namespace {

constexpr int kBusyTimeoutMs = 500;
constexpr std::chrono::milliseconds kRetryAfter{500};

// With the file where it is known: one that could not be opened has no name yet.
std::string message_of(sqlite3* database) {
  if (database == nullptr) return "sqlite: no memory";
  const char* path = sqlite3_db_filename(database, "main");
  const std::string where = path == nullptr ? "" : std::string(" ") + path;
  return "sqlite" + where + ": " + sqlite3_errmsg(database);
}

Status to_status(int code, sqlite3* database) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return {};
  const std::string message = message_of(database);
  switch (code & 0xFF) {  // the primary code
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return Error{ErrorCode::kUnavailable, message, kRetryAfter};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error{ErrorCode::kCorrupt, message};
    default:
      return Error{ErrorCode::kInternal, message};
  }
}

}  // namespace

SqliteQuery::~SqliteQuery() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void SqliteQuery::check(int code) {
  if (status_.ok()) status_ = to_status(code, sqlite3_db_handle(statement_));
}

SqliteQuery& SqliteQuery::bind(BytesView blob) {
  ++bound_;
  if (!status_.ok()) return *this;
  // A null pointer would bind NULL.
  const char* data = blob.data() != nullptr ? blob.data() : "";
  check(sqlite3_bind_blob64(statement_, bound_, data, blob.size(), SQLITE_STATIC));
  return *this;
}

SqliteQuery& SqliteQuery::bind(std::uint64_t number) {
  ++bound_;
  if (status_.ok()) {
    check(sqlite3_bind_int64(statement_, bound_, static_cast<std::int64_t>(number)));
  }
  return *this;
}

SqliteQuery& SqliteQuery::bind(std::optional<std::uint64_t> number) {
  if (number) return bind(*number);
  ++bound_;  // stays NULL
  return *this;
}

SqliteQuery& SqliteQuery::bind(Timestamp time) { return bind(static_cast<std::uint64_t>(time.ms)); }

bool SqliteQuery::next() {
  if (!status_.ok()) return false;
  const int code = sqlite3_step(statement_);
  check(code);
  return code == SQLITE_ROW;
}

Status SqliteQuery::run() {
  while (next()) {
  }
  return status_;
}

Bytes SqliteQuery::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? Bytes() : Bytes(static_cast<const char*>(data), size);
}

std::uint64_t SqliteQuery::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}

std::optional<std::uint64_t> SqliteQuery::optional_number(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return number(column);
}

Timestamp SqliteQuery::time(int column) const { return {sqlite3_column_int64(statement_, column)}; }

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 Mode mode) {
  const int flags = (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY
                                             : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<SqliteConnection> made(new SqliteConnection(database));
  if (Status status = to_status(code, database); !status.ok()) {
    return Error{status.error().code, path + ": " + status.error().message};
  }
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  return made;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

SqliteQuery SqliteConnection::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  Status status;
  if (statement == nullptr) {
    status = to_status(
        sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr),
        database_);
  }
  return SqliteQuery(statement, std::move(status));
}

Status SqliteConnection::execute(const std::string& sql) {
  return to_status(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr), database_);
}

std::uint64_t SqliteConnection::changes() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(database_));
}

Status SqliteConnection::copy_to(const std::string& path) {
  auto target = open(path, Mode::kReadWrite);
  if (!target) return std::move(target).error();
  sqlite3* to = (*target)->database_;
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", database_, "main");
  if (backup == nullptr) return to_status(sqlite3_errcode(to), to);
  sqlite3_backup_step(backup, -1);
  return to_status(sqlite3_backup_finish(backup), to);
}

}  // namespace longwire::storage
