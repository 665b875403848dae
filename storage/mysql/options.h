#pragma once

// Options: every limit of the MySQL back end, with its key in the configuration.

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace longwire::storage::mysql {

struct Options {
  std::string address = "127.0.0.1:3306";  // "host:port"
  // The other master of a pair, each the other's replica; empty: there is one server. See
  // docs/decisions/mysql-pair.md.
  std::string peer;
  // Further servers, or pairs, and which apps' topics and counters lie there: see shard_table.h.
  std::vector<std::string> shards;
  std::vector<std::string> shard_apps;
  std::string user = "longwire";
  Secret password;
  const char* password_key = "mysql.password_file";  // for messages
  std::string password_file;  // read at each connection, so that a new password needs no restart
  std::string database = "longwire";
  std::string tls = "off";  // off, required (encrypted), verified (the server's certificate too)
  std::string tls_ca;       // PEM file of the authorities; needed where verified

  // One thread and one connection each. Writes of one key are done by one of them, in order.
  std::int64_t write_connections = 4;
  std::int64_t read_connections = 4;
  std::int64_t writes_queued_max = 1024;      // of each writing connection
  std::int64_t reads_queued_max = 4096;       // of all reading ones
  std::chrono::milliseconds wait_max{5'000};  // in a queue

  // Of the connector: whole seconds, rounded up.
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds read_timeout{10'000};
  std::chrono::milliseconds write_timeout{10'000};
  std::chrono::milliseconds lock_timeout{5'000};  // of one statement, for a row's lock

  // Of a call that met a lost connection, a deadlock or a lock that was not free in time.
  std::int64_t attempts_max = 5;
  // How long a commit whose answer was lost is asked after.
  std::chrono::milliseconds decide_timeout{15'000};
  // A server that cannot be reached is left alone for a time that doubles from one to the other.
  std::chrono::milliseconds backoff_min{100};
  std::chrono::milliseconds backoff_max{5'000};
  std::chrono::milliseconds retry_after{500};  // told to callers that were refused

  // The account that opens and closes the servers of a pair; `user` must not be able to.
  std::string pair_user = "longwire_pair";
  Secret pair_password;
  std::string pair_password_file;
  std::chrono::milliseconds pair_check_every{500};
  std::chrono::milliseconds pair_timeout{4'000};  // of a statement, above the servers' semi-sync's
  std::chrono::milliseconds failover_after{3'000};
  std::chrono::milliseconds pair_lease{10'000};
  std::chrono::milliseconds pair_apply_timeout{60'000};
  std::chrono::milliseconds pair_open_timeout{15'000};

  // How long the row of a writer that went without farewell is kept.
  std::chrono::milliseconds writer_kept{std::chrono::hours(7 * 24)};

  // Whether the tables are made, or brought up to date, where they are not. false is for a
  // directory that was made before: without its tables it is lost, not new.
  bool create = true;
  bool migrate = true;  // changes tables of an older version

  // The same at another server.
  Options at(std::string server) const {
    Options out = *this;
    out.address = std::move(server);
    return out;
  }
};
void declare_config(ConfigSchema& schema, Options& options);

// "host:port"?
Status check_address(const std::string& value);

// The password in force now. kUnavailable: the file cannot be read.
Result<Secret> current_password(const Options& options);

}  // namespace longwire::storage::mysql
