#pragma once

// HttpServer: the connections of one loop on one port, each with its session, all swept once a
// second: no timer per connection.
//
//   Listener --socket--> HttpConnection(Connection + Session) --Request--> Handler
//                                                             <-Response--

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/net/connection.h"
#include "base/net/listener.h"
#include "base/net/loop.h"
#include "base/net/proxy_gate.h"
#include "base/net/tls.h"
#include "http_front/protocol/session.h"

namespace longwire::http {

class HttpConnection;

struct ServerLimits {
  SessionLimits session;
  net::ConnectionLimits connection;
  std::size_t connections_max = 10'000;  // of this loop, as is the next
  std::size_t connections_per_address_max = 1'000;
  std::size_t body_memory_max = 256 * 1024 * 1024;
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(10);
  net::Networks proxies = {};  // whose PROXY headers are taken
};

// TLS for connections that come from now on: null is plain. Called on the loop.
using TlsSource = std::function<std::unique_ptr<net::TlsSession>()>;

struct ServerMetrics {
  Gauge& connections;
  Counter& accepted;
  Counter& refused;
  Counter& proxy_refused;
  Counter& bytes_in;
  Counter& bytes_out;
};
ServerMetrics make_server_metrics(Metrics& metrics, const std::string& listener);

struct ServerParts {
  net::Loop& loop;
  const Clock& clock;
  Handler& handler;
  TlsSource tls;  // empty: plain
  ServerMetrics metrics;
};

// Everything given outlives it. Loop-bound.
class HttpServer final {
 public:
  HttpServer(ServerParts parts, ServerLimits limits);
  // No connection is left: after stop's answer, or before start.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void start(std::unique_ptr<net::Listener> listener);
  // Finishes what runs; after stop_timeout cuts what is left. `done` is called on the loop, later.
  void stop(Task done);
  std::size_t connection_count() const { return connections_.size(); }

  // For HttpConnection.
  const ServerParts& parts() const { return parts_; }
  const ServerLimits& limits() const { return limits_; }
  BodyMemory& body_memory() { return body_memory_; }
  std::string_view date() const { return date_; }
  void handle(std::uint64_t connection, StreamId stream, Request request);
  void remove(std::uint64_t connection);

 private:
  void accept(net::Descriptor socket, net::Address peer);
  void sweep();
  void finish_stop();

  const ServerParts parts_;
  const ServerLimits limits_;
  net::ProxyGate gate_;
  std::unique_ptr<net::Listener> listener_;
  std::unordered_map<std::uint64_t, std::unique_ptr<HttpConnection>> connections_;
  std::unordered_map<std::string, std::size_t> per_address_;
  BodyMemory body_memory_;
  std::string date_;
  std::int64_t date_second_ = -1;
  std::uint64_t last_connection_ = 0;
  TimerId sweep_timer_ = TimerId::kNone;
  TimerId stop_timer_ = TimerId::kNone;
  Task stopped_;
  bool stopping_ = false;
};

}  // namespace longwire::http
