#include "tests/contract/mysql_database.h"

#include <cstdlib>

#include "base/check.h"
#include "base/encoding.h"
#include "base/random.h"

namespace longwire::test {
namespace {

using storage::mysql::Connection;

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  CHECK(value != nullptr);
  return value;
}

const char* variable_of(MySqlDatabase::Where where) {
  return where == MySqlDatabase::Where::kPair ? "LONGWIRE_TEST_MYSQL_PAIR" : "LONGWIRE_TEST_MYSQL";
}

void execute_at(const storage::mysql::Options& options, const std::string& sql) {
  auto connection = Connection::open(options, Connection::Mode::kReads);
  CHECK(connection.ok());
  CHECK((*connection)->execute(sql).ok());
}

}  // namespace

bool MySqlDatabase::has(Where where) { return std::getenv(variable_of(where)) != nullptr; }

MySqlDatabase::MySqlDatabase(Where where, std::string name) {
  options_.address = from_environment(variable_of(where));
  options_.password_file = from_environment("LONGWIRE_TEST_MYSQL_PASSWORD_FILE");
  if (where == Where::kPair) {
    const auto comma = options_.address.find(',');
    options_.peer = options_.address.substr(comma + 1);
    options_.address.resize(comma);
    options_.pair_password_file = options_.password_file;
  }
  options_.database.clear();
  if (name.empty()) name = "test_" + hex_encode(system_random().bytes(8));
  execute("CREATE DATABASE " + name);
  options_.database = name;
}

// A pair is thrown away whole where a test has left its first server down.
MySqlDatabase::~MySqlDatabase() {
  auto connection = Connection::open(as_administrator(), Connection::Mode::kReads);
  CHECK(connection.ok() || !options_.peer.empty());
  if (connection.ok()) CHECK((*connection)->execute("DROP DATABASE " + name()).ok());
}

storage::mysql::Options MySqlDatabase::with_shard(const std::string& shard,
                                                  const MySqlDatabase& there) const {
  storage::mysql::Options options = options_;
  options.pair_password_file = there.options_.pair_password_file;
  const std::string& peer = there.options_.peer;
  options.shards.push_back(shard + "=" + there.options_.address + (peer.empty() ? "" : "+" + peer));
  return options;
}

std::unique_ptr<Connection> MySqlDatabase::connect() const {
  auto connection = Connection::open(options_, Connection::Mode::kReads);
  CHECK(connection.ok());
  return std::move(*connection);
}

void MySqlDatabase::execute(const std::string& sql) const { execute_at(as_administrator(), sql); }

storage::mysql::Options MySqlDatabase::as_administrator() const {
  storage::mysql::Options options = options_;
  if (!options.peer.empty()) options.user = "longwire_admin";
  return options;
}

std::vector<std::string> MySqlDatabase::ask(const char* sql) const {
  const auto connection = connect();
  auto query = connection->query(sql);
  std::vector<std::string> out;
  while (query.next()) out.push_back(query.bytes(0));
  CHECK(query.status().ok());
  return out;
}

}  // namespace longwire::test
