#include "storage/mysql/connection.h"

#include <cppconn/connection.h>
#include <cppconn/datatype.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

namespace longwire::storage::mysql {
namespace {

using std::chrono::milliseconds;

// The connector has one driver a process; its making is not safe between threads, a static's is.
sql::Driver& driver() {
  static sql::Driver* const driver = sql::mysql::get_driver_instance();
  return *driver;
}

std::int64_t whole_seconds(milliseconds time) {
  return std::max<std::int64_t>((time.count() + 999) / 1000, 1);
}

int seconds_option(milliseconds time) {
  return static_cast<int>(
      std::min<std::int64_t>(whole_seconds(time), std::numeric_limits<int>::max()));
}

sql::SQLString to_sql(BytesView bytes) { return sql::SQLString(bytes.data(), bytes.size()); }

sql::ConnectOptionsMap connect_options(const Options& options, const Secret& password) {
  sql::ConnectOptionsMap map;
  map["hostName"] = sql::SQLString("tcp://" + options.address);  // never the local socket
  map["userName"] = sql::SQLString(options.user);
  map["password"] = sql::SQLString(password.reveal());
  if (!options.database.empty()) map["schema"] = sql::SQLString(options.database);
  map["OPT_CONNECT_TIMEOUT"] = seconds_option(options.connect_timeout);
  map["OPT_READ_TIMEOUT"] = seconds_option(options.read_timeout);
  map["OPT_WRITE_TIMEOUT"] = seconds_option(options.write_timeout);
  map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  map["CLIENT_FOUND_ROWS"] = true;
  if (options.tls != "off") {
    map["sslEnforce"] = true;
    map["sslVerify"] = options.tls == "verified";
    if (!options.tls_ca.empty()) map["sslCA"] = sql::SQLString(options.tls_ca);
  }
  return map;
}

// What no configuration of the server is to change.
std::string session_settings(const Options& options) {
  return "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
         " collation_connection = 'utf8mb4_bin',"
         " innodb_lock_wait_timeout = " +
         std::to_string(whole_seconds(options.lock_timeout)) +
         // MariaDB alone knows it: a transaction whose client is gone without a word lets go.
         "/*M!100300 , idle_transaction_timeout = " +
         std::to_string(whole_seconds(options.read_timeout) + 1) + " */";
}

}  // namespace

template <typename Call>
Status Connection::guard(Call call) {
  Failure failure;
  try {
    call();
    return {};
  } catch (const sql::SQLException& exception) {
    failure = classify(exception.getErrorCode(), exception.what(), retry_after_);
  } catch (const std::exception& exception) {
    failure.error = {ErrorCode::kInternal, std::string("mysql: ") + exception.what()};
  }
  failure_ = failure.kind;
  return std::move(failure.error);
}

template <typename Call>
void Query::attempt(Call call) {
  if (status_.ok()) status_ = connection_.guard(std::move(call));
}

Query::Query(Connection& connection, sql::PreparedStatement* statement, Status status)
    : connection_(connection), statement_(statement), status_(std::move(status)) {}

Query::~Query() = default;

Query& Query::bind(BytesView bytes) {
  ++bound_;
  attempt([&] { statement_->setString(bound_, to_sql(bytes)); });
  return *this;
}

Query& Query::bind(std::uint64_t number) {
  ++bound_;
  attempt([&] { statement_->setUInt64(bound_, number); });
  return *this;
}

Query& Query::bind(std::optional<std::uint64_t> number) {
  if (number) return bind(*number);
  ++bound_;
  attempt([&] { statement_->setNull(bound_, sql::DataType::BIGINT); });
  return *this;
}

Query& Query::bind(Timestamp time) {
  ++bound_;
  attempt([&] { statement_->setInt64(bound_, time.ms); });
  return *this;
}

Status Query::run() {
  attempt([&] { changes_ = static_cast<std::uint64_t>(statement_->executeUpdate()); });
  return status_;
}

bool Query::next() {
  bool there = false;
  attempt([&] {
    if (!rows_) rows_.reset(statement_->executeQuery());
    there = rows_->next();
  });
  return there;
}

unsigned Query::column(const char* name) {
  unsigned found = 0;
  attempt([&] { found = rows_->findColumn(name) - 1; });
  return found;
}

Bytes Query::bytes(unsigned column) {
  Bytes out;
  attempt([&] {
    const sql::SQLString value = rows_->getString(column + 1);
    out.assign(value.c_str(), value.length());
  });
  return out;
}

std::uint64_t Query::number(unsigned column) {
  std::uint64_t out = 0;
  attempt([&] { out = rows_->getUInt64(column + 1); });
  return out;
}

std::optional<std::uint64_t> Query::optional_number(unsigned column) {
  bool null = true;
  attempt([&] { null = rows_->isNull(column + 1); });
  if (null) return std::nullopt;
  return number(column);
}

Timestamp Query::time(unsigned column) {
  Timestamp out;
  attempt([&] { out.ms = rows_->getInt64(column + 1); });
  return out;
}

Connection::Connection(std::unique_ptr<sql::Connection> connection, milliseconds retry_after)
    : retry_after_(retry_after), connection_(std::move(connection)) {}

Connection::~Connection() {
  // Ending it speaks to the server, which may be gone.
  (void)guard([this] { statements_.clear(); });
  (void)guard([this] { connection_.reset(); });
}

Result<std::unique_ptr<Connection>> Connection::open(const Options& options, Mode mode) {
  const auto password = current_password(options);
  if (!password) return password.error();
  std::unique_ptr<Connection> made(new Connection(nullptr, options.retry_after));
  Status status = made->guard([&] {
    auto map = connect_options(options, *password);
    made->connection_.reset(driver().connect(map));
  });
  if (status.ok()) status = made->set_up(options, mode);
  if (!status.ok()) {
    Error error = status.error();
    error.message = options.address + ": " + error.message;
    return error;
  }
  return made;
}

Status Connection::set_up(const Options& options, Mode mode) {
  if (options.tls != "off") {
    // The client library goes on in the clear where the server knows no TLS.
    auto cipher = query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    const bool encrypted = cipher.next() && !cipher.bytes(1).empty();
    TRY(cipher.status());
    if (!encrypted) {
      return Error{ErrorCode::kUnavailable, "mysql.tls is on and the server speaks no TLS",
                   retry_after_};
    }
  }
  TRY(execute(session_settings(options)));
  TRY(execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));
  return execute(mode == Mode::kWrites ? "SET autocommit = 0" : "SET autocommit = 1");
}

Query Connection::query(const char* sql) {
  auto& statement = statements_[sql];
  Status status;
  if (!statement) status = guard([&] { statement.reset(connection_->prepareStatement(sql)); });
  return Query(*this, statement.get(), std::move(status));
}

Status Connection::execute(const std::string& sql) {
  return guard([&] {
    const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
    statement->execute(sql);
  });
}

ThreadUse::ThreadUse() { driver().threadInit(); }

ThreadUse::~ThreadUse() { driver().threadEnd(); }

}  // namespace longwire::storage::mysql
