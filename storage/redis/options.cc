#include "storage/redis/options.h"

#include <utility>

#include "base/net/address.h"
#include "base/secret_file.h"

namespace longwire::storage::redis {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kInFlightMax = 10'000'000;

Status check_node(const std::string& value) {
  const auto address = net::parse_address(value);
  if (!address.ok() || address->ip.empty() || address->port == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "must be a numeric \"ip:port\": a name would be looked up on an event loop"};
  }
  return {};
}

}  // namespace

void declare_config(ConfigSchema& schema, Options& options) {
  schema.add({.key = "redis.nodes",
              .help = "One server without cluster support, or some nodes of a cluster, which name "
                      "the others; \"ip:port\" each.",
              .check = check_node},
             options.nodes);
  schema.add({.key = "redis.username", .help = "The user there; empty: the default one."},
             options.username);
  schema.add({.key = "redis.password_file",
              .help = "File with the password, read at each connection; empty: none."},
             options.password_file);
  const auto add = [&schema](std::string_view key, std::string_view help,
                             std::chrono::milliseconds& target) {
    schema.add({.key = key, .help = help, .min = 1, .max = kHourMs}, target);
  };
  add("redis.connect_timeout", "How long a node may take to accept and to greet.",
      options.connect_timeout);
  add("redis.command_timeout",
      "How long a command may take, redirections and repeats included; a connection that owes "
      "answers and is silent for as long is given up.",
      options.command_timeout);
  add("redis.backoff_min", "The first pause after a node could not be reached; it doubles.",
      options.backoff_min);
  add("redis.backoff_max", "The longest pause.", options.backoff_max);
  schema.add({.key = "redis.in_flight_max",
              .help = "Commands of one event loop that are not answered yet; more are refused.",
              .min = 1,
              .max = kInFlightMax},
             options.in_flight_max);
}

Result<Credentials> current_credentials(const Options& options) {
  if (options.password_file.empty()) return Credentials{options.username, Secret()};
  auto secret = read_secret_file("redis.password_file", options.password_file);
  if (!secret.ok()) return secret.error();
  return Credentials{options.username, std::move(*secret)};
}

}  // namespace longwire::storage::redis
