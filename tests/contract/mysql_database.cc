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

void execute_at(const storage::mysql::Options& options, const std::string& sql) {
  auto connection = Connection::open(options, Connection::Mode::kReads);
  CHECK(connection.ok());
  CHECK((*connection)->execute(sql).ok());
}

}  // namespace

bool MySqlDatabase::has_server() { return std::getenv("LONGWIRE_TEST_MYSQL") != nullptr; }

MySqlDatabase::MySqlDatabase() {
  options_.address = from_environment("LONGWIRE_TEST_MYSQL");
  options_.password_file = from_environment("LONGWIRE_TEST_MYSQL_PASSWORD_FILE");
  options_.database.clear();
  const std::string name = "test_" + hex_encode(system_random().bytes(8));
  execute_at(options_, "CREATE DATABASE " + name);
  options_.database = name;
}

MySqlDatabase::~MySqlDatabase() { execute("DROP DATABASE " + name()); }

std::unique_ptr<Connection> MySqlDatabase::connect() const {
  auto connection = Connection::open(options_, Connection::Mode::kReads);
  CHECK(connection.ok());
  return std::move(*connection);
}

void MySqlDatabase::execute(const std::string& sql) const { execute_at(options_, sql); }

std::vector<std::string> MySqlDatabase::ask(const char* sql) const {
  const auto connection = connect();
  auto query = connection->query(sql);
  std::vector<std::string> out;
  while (query.next()) out.push_back(query.bytes(0));
  CHECK(query.status().ok());
  return out;
}

}  // namespace longwire::test
