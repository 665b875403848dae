#pragma once

// A connection to the server and its prepared statements. Private to this folder.
//
//   auto query = connection.query("SELECT name FROM roster WHERE owner = ?");
//   query.bind(owner.value());
//   while (query.next()) names.push_back(query.bytes(0));
//   TRY(query.status());
//
// The connector's exceptions end here. Text goes in and out as bytes: any may be inside.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/mysql/failure.h"
#include "storage/mysql/options.h"

namespace sql {
class Connection;
class PreparedStatement;
class ResultSet;
}  // namespace sql

namespace longwire::storage::mysql {

class Connection;

// One use of a prepared statement. A failure is sticky: next() then answers false and status()
// tells. Goes before its connection, and before the next use of the same statement. Not
// thread-safe.
class Query final {
 public:
  // `statement` is null where it could not be prepared.
  Query(Connection& connection, sql::PreparedStatement* statement, Status status);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // The next parameter.
  Query& bind(BytesView bytes);
  Query& bind(std::uint64_t number);
  Query& bind(std::optional<std::uint64_t> number);
  Query& bind(Timestamp time);

  // For statements without rows. changes() then tells how many it found: also rows that held
  // already what they were given.
  Status run();
  std::uint64_t changes() const { return changes_; }

  bool next();  // true: a row is there; the first one executes
  const Status& status() const { return status_; }
  unsigned column(const char* name);  // of the rows; after next()
  Bytes bytes(unsigned column);
  std::uint64_t number(unsigned column);
  std::optional<std::uint64_t> optional_number(unsigned column);
  Timestamp time(unsigned column);

 private:
  template <typename Call>
  void attempt(Call call);

  Connection& connection_;
  sql::PreparedStatement* statement_;
  std::unique_ptr<sql::ResultSet> rows_;
  Status status_;
  unsigned bound_ = 0;
  std::uint64_t changes_ = 0;
};

// Used by one thread, which made it.
class Connection final {
 public:
  // kWrites: statements gather in a transaction until commit().
  enum class Mode { kReads, kWrites };

  // Blocks, up to the timeouts. An empty database chooses none.
  static Result<std::unique_ptr<Connection>> open(const Options& options, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `sql` lives as long as the program: statements are kept by its address.
  Query query(const char* sql);
  // A statement without parameters.
  Status execute(const std::string& sql);
  Status commit() { return execute("COMMIT"); }
  Status rollback() { return execute("ROLLBACK"); }

  // Of the statement that failed last, since forget_failure().
  FailureKind failure() const { return failure_; }
  void forget_failure() { failure_ = FailureKind::kNone; }

 private:
  friend class Query;
  Connection(std::unique_ptr<sql::Connection> connection, std::chrono::milliseconds retry_after);
  template <typename Call>
  Status guard(Call call);
  Status set_up(const Options& options, Mode mode);

  const std::chrono::milliseconds retry_after_;
  std::unique_ptr<sql::Connection> connection_;
  std::map<const char*, std::unique_ptr<sql::PreparedStatement>> statements_;
  FailureKind failure_ = FailureKind::kNone;
};

// What the connector wants of each thread that uses it. On the thread's stack.
class ThreadUse final {
 public:
  ThreadUse();
  ~ThreadUse();
  ThreadUse(const ThreadUse&) = delete;
  ThreadUse& operator=(const ThreadUse&) = delete;
};

}  // namespace longwire::storage::mysql
