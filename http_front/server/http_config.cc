#include "base/net/networks.h"
#include "http_front/server/http_front.h"

namespace longwire::http {
namespace {

Status check_admin_address(const std::string& text) {
  return text.empty() ? Status() : net::check_address(text);
}

void declare_listeners(ConfigSchema& schema, HttpConfig& config) {
  schema.add({.key = "http.listen",
              .help = "Address of the HTTPS API; port 0 takes a free one.",
              .check = &net::check_address},
             config.listen);
  schema.add({.key = "http.proxy_networks",
              .help = "Networks of TCP proxies, such as 10.0.0.0/8: what connects to http.listen "
                      "from there begins with a PROXY header (version 2), and has the address that "
                      "it tells.",
              .check = &net::check_network},
             config.proxy_networks);
  schema.add(
      {.key = "http.admin_listen",
       .help = "Address of metrics and health, plain HTTP: keep it on loopback; empty: none.",
       .check = &check_admin_address},
      config.admin_listen);
}

void declare_sizes(ConfigSchema& schema, HttpConfig& config) {
  schema.add({.key = "http.head_bytes_max",
              .unit = "bytes",
              .help = "A request's line and header fields together.",
              .min = 1024,
              .max = 1024 * 1024},
             config.head_bytes_max);
  schema.add({.key = "http.header_fields_max",
              .help = "Header fields of a request.",
              .min = 10,
              .max = 1000},
             config.header_fields_max);
  schema.add({.key = "http.body_bytes_max",
              .unit = "bytes",
              .help = "A request's body.",
              .min = 64 * 1024,
              .max = 64 * 1024 * 1024},
             config.body_bytes_max);
  schema.add({.key = "http.body_memory_max",
              .unit = "bytes",
              .help = "Bodies still coming in, of all connections; beyond, requests are refused.",
              .min = 1024 * 1024},
             config.body_memory_max);
}

void declare_connections(ConfigSchema& schema, HttpConfig& config) {
  schema.add({.key = "http.connections_max",
              .help = "Connections at once, shared evenly by the event loops.",
              .min = 1,
              .max = 1'000'000},
             config.connections_max);
  schema.add({.key = "http.connections_per_address_max",
              .help = "Connections at once from one address (IPv6: one /64), per event loop.",
              .min = 1,
              .max = 1'000'000},
             config.connections_per_address_max);
  schema.add({.key = "http.requests_per_connection_max",
              .help = "Requests on one connection, which then ends in order.",
              .min = 1},
             config.requests_per_connection_max);
  schema.add({.key = "http.streams_per_connection_max",
              .help = "Requests at once on one HTTP/2 connection.",
              .min = 1,
              .max = 10'000},
             config.streams_per_connection_max);
}

void declare_times(ConfigSchema& schema, HttpConfig& config) {
  schema.add({.key = "http.handshake_timeout", .help = "From accepting to TLS.", .min = 100},
             config.handshake_timeout);
  schema.add({.key = "http.receive_timeout",
              .help = "From a request's first byte to its last.",
              .min = 100},
             config.receive_timeout);
  schema.add({.key = "http.answer_timeout", .help = "From a request to its answer.", .min = 100},
             config.answer_timeout);
  schema.add({.key = "http.idle_timeout", .help = "A connection without a request.", .min = 100},
             config.idle_timeout);
  schema.add({.key = "http.stop_timeout",
              .help = "At the stop, for requests that run; then they are cut.",
              .min = 0},
             config.stop_timeout);
}

void declare_access(ConfigSchema& schema, HttpConfig& config) {
  schema.add({.key = "http.secret_cache_time",
              .help = "How long a secret is taken for an app's without asking again.",
              .min = 0,
              .max = 60'000},
             config.secret_cache_time);
  schema.add({.key = "http.secret_cache_max",
              .help = "Secrets remembered, per event loop.",
              .min = 1,
              .max = 1'000'000},
             config.secret_cache_max);
  schema.add({.key = "http.bad_secrets_per_minute",
              .unit = "1/min",
              .help = "Secrets of nobody that an address may try.",
              .min = 1,
              .max = 1'000'000},
             config.bad_secrets_per_minute);
  schema.add({.key = "http.devices_per_minute",
              .unit = "1/min",
              .help = "Device accounts that an address may create; so many at once, too.",
              .min = 1,
              .max = 100'000'000},
             config.devices_per_minute);
  schema.add({.key = "http.addresses_tracked_max",
              .help = "Addresses whose rates are remembered; others share one allowance.",
              .min = 100,
              .max = 10'000'000},
             config.addresses_tracked_max);
}

}  // namespace

void declare_config(ConfigSchema& schema, HttpConfig& config) {
  declare_listeners(schema, config);
  declare_sizes(schema, config);
  declare_connections(schema, config);
  declare_times(schema, config);
  declare_access(schema, config);
}

}  // namespace longwire::http
