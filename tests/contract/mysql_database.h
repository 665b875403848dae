#pragma once

// A database of a test's own on the servers that mysql_test.py has brought up. Where they are comes
// from the environment: LONGWIRE_TEST_MYSQL (host:port), LONGWIRE_TEST_MYSQL_PAIR (two, a comma
// between), LONGWIRE_TEST_MYSQL_PASSWORD_FILE (of all accounts).

#include <memory>
#include <string>
#include <vector>

#include "storage/mysql/connection.h"
#include "storage/mysql/options.h"

namespace longwire::test {

// Made by the constructor, dropped by the destructor. Bound to the test's thread.
class MySqlDatabase final {
 public:
  enum class Where { kServer, kPair };

  // An empty name: one of its own.
  explicit MySqlDatabase(Where where = Where::kServer, std::string name = "");
  ~MySqlDatabase();
  MySqlDatabase(const MySqlDatabase&) = delete;
  MySqlDatabase& operator=(const MySqlDatabase&) = delete;

  // Were servers named?
  static bool has(Where where);
  const storage::mysql::Options& options() const { return options_; }
  // Main here, and a further shard there, in a database of the same name.
  storage::mysql::Options with_shard(const std::string& shard, const MySqlDatabase& there) const;
  const std::string& name() const { return options_.database; }

  // May do everything, on a server of a pair that is closed for others, too.
  storage::mysql::Options as_administrator() const;
  // A connection beside those under test, to the first server of a pair.
  std::unique_ptr<storage::mysql::Connection> connect() const;
  void execute(const std::string& sql) const;
  // The first column of each row. `sql` is a literal.
  std::vector<std::string> ask(const char* sql) const;

 private:
  storage::mysql::Options options_;
};

}  // namespace longwire::test
