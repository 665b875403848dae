#pragma once

// A SQLite connection and its prepared statements. Private to this folder.
//
//   auto query = connection.query("SELECT name FROM roster WHERE owner = ?1");
//   query.bind(owner.value());
//   while (query.next()) names.push_back(query.bytes(0));
//   TRY(query.status());
//
// All text goes in and out as blobs: any byte may be inside, and order is the order of bytes.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_backup;
struct sqlite3_stmt;

namespace longwire::storage {

// One use of a prepared statement. A failure is sticky: next() then answers false and status()
// tells. Goes back to its connection, which outlives it. Not thread-safe.
class SqliteQuery final {
 public:
  explicit SqliteQuery(sqlite3_stmt* statement, Status status)
      : statement_(statement), status_(std::move(status)) {}
  ~SqliteQuery();
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  // The next parameter. Blobs are borrowed until the query is destroyed.
  SqliteQuery& bind(BytesView blob);
  SqliteQuery& bind(std::uint64_t number);
  SqliteQuery& bind(std::optional<std::uint64_t> number);
  SqliteQuery& bind(Timestamp time);

  bool next();   // true: a row is there
  Status run();  // to the end, rows ignored
  const Status& status() const { return status_; }

  Bytes bytes(int column) const;
  std::uint64_t number(int column) const;
  std::optional<std::uint64_t> optional_number(int column) const;
  Timestamp time(int column) const;

 private:
  void check(int code);

  sqlite3_stmt* statement_;  // null where it could not be prepared
  Status status_;
  int bound_ = 0;
};

// Used by one thread at a time.
class SqliteConnection final {
 public:
  enum class Mode { kReadWrite, kReadOnly };
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Mode mode);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // `sql` is a literal: statements are kept by its address.
  SqliteQuery query(const char* sql);
  // One or several statements without parameters.
  Status execute(const std::string& sql);
  // Rows changed by the last statement.
  std::uint64_t changes() const;
  // Copies what this connection sees (its open transaction's moment) into a new file, synced.
  Status copy_to(const std::string& path);

 private:
  explicit SqliteConnection(sqlite3* database) : database_(database) {}

  sqlite3* database_;
  std::map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace longwire::storage
