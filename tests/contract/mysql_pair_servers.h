#pragma once

// The pair of mysql_test.py, whose servers a test kills, halts and starts again, each alone. Where
// it is comes from LONGWIRE_TEST_MYSQL_INSTANCE.

#include <sys/types.h>

#include <string>

namespace longwire::test {

// Used by one thread.
class MySqlPairServers final {
 public:
  // Begins with an empty pair: both up, neither ever written to.
  MySqlPairServers();

  // 0 and 1, in the order of the configuration.
  void kill(int server);  // -9; gone when it returns
  void halt(int server);
  void go_on(int server);
  void start(int server);  // returns when it answers
  // With deploy/mariadb_refill.py, from the other; whether it did.
  bool refill(int server, const std::string& database);

 private:
  void signal(int server, int number);
  void services(const std::string& arguments);
};

}  // namespace longwire::test
