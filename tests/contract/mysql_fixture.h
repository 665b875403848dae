#pragma once

// The vocabulary of the tests of the MySQL directory's own: one directory on a database of its own,
// behind a gate.

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "storage/mysql/mysql_directory.h"
#include "tests/contract/mysql_calls.h"
#include "tests/contract/mysql_database.h"
#include "tests/contract/mysql_gate.h"

namespace longwire::test {

class MySqlFixture : public MySqlCalls {
 protected:
  ~MySqlFixture() override { directory_.reset(); }
  MySqlFixture() {
    options_ = database_.options();
    options_.address = gate_.address();
    options_.write_connections = 1;
    options_.read_connections = 1;
  }

  Result<std::unique_ptr<middle::Directory>> try_open() { return try_open_with(options_); }
  void open() { open_with(options_); }
  Status apply(middle::Position position, const std::vector<std::string>& registrations) {
    return start_apply(position, registrations).get();
  }
  std::future<Status> start_apply(middle::Position position,
                                  const std::vector<std::string>& registrations) {
    std::vector<middle::TopicChange> changes;
    for (const auto& each : registrations) {
      changes.push_back(
          {middle::AppId("app"), middle::Tag("tag"), middle::RegId(each), true, 1, std::nullopt});
    }
    return start<void>([&](auto done) {
      directory_->apply_topic_changes(1, position, std::move(changes), std::move(done));
    });
  }
  // What the server has, asked without the directory.
  std::uint64_t stored_total() {
    const auto found = database_.ask("SELECT total FROM counters WHERE name = 'sent'");
    return found.empty() ? 0 : std::stoull(found.front());
  }

  // Returns once as many statements wait for a row's lock on this server, which tests have one
  // after the other. (information_schema.innodb_trx stands still for whoever looks often.)
  void wait_for_lock_waits(std::uint64_t count) {
    const auto connection = database_.connect();
    for (std::uint64_t waiting = 0; waiting < count;) {
      auto query = connection->query(
          "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status"
          " WHERE variable_name = 'Innodb_row_lock_current_waits'");
      ASSERT_TRUE(query.next());
      waiting = query.number(0);
    }
  }
  // KILLs all connections of this database; how many there were.
  std::size_t kill_connections() {
    const auto ids = database_.ask(
        "SELECT id FROM information_schema.processlist"
        " WHERE db = DATABASE() AND id <> CONNECTION_ID()");
    for (const auto& id : ids) database_.execute("KILL " + id);
    return ids.size();
  }

  // Holds rows until it goes.
  class Holder {
   public:
    Holder(const storage::mysql::Options& options, const std::string& sql) {
      using storage::mysql::Connection;
      auto opened = Connection::open(options, Connection::Mode::kWrites);
      CHECK(opened.ok());
      connection_ = std::move(*opened);
      CHECK(connection_->execute(sql).ok());
    }
    storage::mysql::Connection& connection() { return *connection_; }

   private:
    std::unique_ptr<storage::mysql::Connection> connection_;
  };
  Holder hold(const std::string& sql) { return Holder(database_.options(), sql); }
  Holder hold_counter() { return hold("SELECT * FROM counters WHERE name = 'sent' FOR UPDATE"); }

  MySqlDatabase database_;
  MySqlGate gate_{database_.options().address};
  storage::mysql::Options options_;
};

}  // namespace longwire::test
