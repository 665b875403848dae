#pragma once

// Options: every limit of the Redis client, with its key in the configuration.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace longwire::storage::redis {

struct Options {
  // One server without cluster support, or some of a cluster's nodes; the others are found.
  std::vector<std::string> nodes = {"127.0.0.1:6379"};
  std::string username;       // empty: the server's default user
  std::string password_file;  // empty: no password. Read at each connection: it may change

  // Of a connection, to its first answer.
  std::chrono::milliseconds connect_timeout{1'000};
  // Of a command, with all its redirections and repeats; and of a connection's silence.
  std::chrono::milliseconds command_timeout{1'000};
  std::int64_t in_flight_max = 16'384;  // commands of one router, waiting ones included

  // A node that cannot be reached is left alone for a time that doubles from one to the other.
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{2'000};
};
void declare_config(ConfigSchema& schema, Options& options);

struct Credentials {
  std::string username;
  Secret password;
};
// Those in force now. kUnavailable: the file cannot be read.
Result<Credentials> current_credentials(const Options& options);

}  // namespace longwire::storage::redis
