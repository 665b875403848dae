#pragma once

// HttpFront: the HTTPS API (HTTP/1.1 and HTTP/2 on one port) and the admin listener (plain HTTP,
// meant for loopback), on the event loops it is given.
//
// Life: make, start, …, stop, destroy after stop's answer. The loops run from before start() until
// after stop's answer.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/environment.h"
#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/net/tls.h"
#include "base/result.h"
#include "http_front/admin/admin_handler.h"
#include "middle/middle.h"

namespace longwire::http {

struct HttpConfig {
  std::string listen = ":8443";                 // empty: the admin alone
  std::vector<std::string> proxy_networks;      // of listen: whose PROXY headers are taken
  std::string admin_listen = "127.0.0.1:9090";  // empty: none
  std::int64_t head_bytes_max = 64 * 1024;
  std::int64_t header_fields_max = 100;
  std::int64_t body_bytes_max = 2 * 1024 * 1024;
  std::int64_t body_memory_max = 256 * 1024 * 1024;
  std::int64_t connections_max = 10'000;
  std::int64_t connections_per_address_max = 1'000;
  std::int64_t requests_per_connection_max = 1'000'000;
  std::int64_t streams_per_connection_max = 100;
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds receive_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds secret_cache_time = std::chrono::seconds(3);
  std::int64_t secret_cache_max = 1'000;
  std::int64_t bad_secrets_per_minute = 60;
  std::int64_t devices_per_minute = 120;
  std::int64_t addresses_tracked_max = 50'000;
};
void declare_config(ConfigSchema& schema, HttpConfig& config);

struct HttpFrontParts {
  std::vector<std::reference_wrapper<net::Loop>> loops;  // at least one; the admin is on the first
  middle::Middle& middle;  // each loop connects its own link, and drops it in stop()
  std::string domain;      // told to devices: their JID's domain
  net::CertificatePem certificate;
  AdminHooks admin;  // metrics may be empty: then those of the environment
};

struct HttpAddresses {
  net::Address https;  // port 0: there is none
  net::Address admin;  // likewise
};

// Everything given outlives the front. start, stop and set_certificate: from one thread, which is
// none of the loops'.
class HttpFront {
 public:
  virtual ~HttpFront() = default;
  // Binds (an error names the address) and begins to accept; the addresses have the real ports.
  virtual Result<HttpAddresses> start() = 0;
  // For connections that come from now on.
  virtual Status set_certificate(const net::CertificatePem& certificate) = 0;
  // Stops accepting, lets requests that run finish, tells HTTP/2 peers to go away, closes; after
  // stop_timeout cuts what is left. `done` runs on environment.executor.
  virtual void stop(Callback<void> done) = 0;
};

// kInvalidArgument: a bad address or certificate.
Result<std::unique_ptr<HttpFront>> make_http_front(const HttpConfig& config, HttpFrontParts parts,
                                                   Environment environment);

}  // namespace longwire::http
