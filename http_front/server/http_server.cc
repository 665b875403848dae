#include "http_front/server/http_server.h"

#include <utility>

#include "http_front/auth/address_limiter.h"
#include "http_front/protocol/http1_response.h"
#include "http_front/server/http_connection.h"

namespace longwire::http {
namespace {
constexpr std::chrono::seconds kSweepInterval{1};
}

ServerMetrics make_server_metrics(Metrics& metrics, const std::string& listener) {
  const MetricLabels labels{{"listener", listener}};
  return {metrics.gauge("longwire_http_connections", "Open HTTP connections.", labels),
          metrics.counter("longwire_http_accepted_total", "HTTP connections accepted.", labels),
          metrics.counter("longwire_http_refused_total",
                          "HTTP connections refused by a limit on their number.", labels),
          net::proxy_refusals(metrics, listener),
          metrics.counter("longwire_http_bytes_in_total", "Plaintext bytes received.", labels),
          metrics.counter("longwire_http_bytes_out_total", "Plaintext bytes sent.", labels)};
}

HttpServer::HttpServer(ServerParts parts, ServerLimits limits)
    : parts_(std::move(parts)),
      limits_(std::move(limits)),
      gate_(parts_.loop, limits_.proxies,
            {.header_timeout = limits_.handshake_timeout, .waiting_max = limits_.connections_max},
            parts_.metrics.proxy_refused, [this](net::Descriptor socket, net::Address peer) {
              accept(std::move(socket), std::move(peer));
            }) {
  body_memory_.max = limits_.body_memory_max;
}

HttpServer::~HttpServer() {
  CHECK(connections_.empty());
  parts_.loop.cancel(sweep_timer_);
  parts_.loop.cancel(stop_timer_);
}

void HttpServer::start(std::unique_ptr<net::Listener> listener) {
  CHECK(parts_.loop.in_loop());
  listener_ = std::move(listener);
  sweep();
  listener_->start([this](net::Descriptor socket, net::Address peer) {
    gate_.accept(std::move(socket), std::move(peer));
  });
}

void HttpServer::accept(net::Descriptor socket, net::Address peer) {
  if (stopping_) return;  // its PROXY header came too late
  std::size_t& of_address = per_address_[address_key(peer.ip)];
  if (connections_.size() >= limits_.connections_max ||
      of_address >= limits_.connections_per_address_max) {
    parts_.metrics.refused.add();
    if (of_address == 0) per_address_.erase(address_key(peer.ip));
    return;
  }
  ++of_address;
  const std::uint64_t id = ++last_connection_;
  auto connection = std::make_unique<HttpConnection>(
      HttpConnection::Parts{.server = *this,
                            .id = id,
                            .socket = std::move(socket),
                            .peer = std::move(peer),
                            .tls = parts_.tls ? parts_.tls() : nullptr});
  connections_.emplace(id, std::move(connection));
  parts_.metrics.accepted.add();
  parts_.metrics.connections.add(1);
}

void HttpServer::handle(std::uint64_t connection, StreamId stream, Request request) {
  // The server outlives what runs: stop() drops the service, and with it every callback, first.
  parts_.handler.handle(std::move(request), [this, connection, stream](Response response) {
    const auto found = connections_.find(connection);
    if (found != connections_.end()) found->second->respond(stream, std::move(response));
  });
}

void HttpServer::remove(std::uint64_t connection) {
  const auto found = connections_.find(connection);
  const auto address = per_address_.find(address_key(found->second->peer().ip));
  if (--address->second == 0) per_address_.erase(address);
  connections_.erase(found);
  parts_.metrics.connections.add(-1);
  if (stopping_ && connections_.empty()) finish_stop();
}

void HttpServer::sweep() {
  const std::int64_t second = parts_.clock.now().ms / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(second);
  }
  const MonotonicTime now = parts_.loop.turn_time();
  for (auto& [id, connection] : connections_) connection->check_time(now);
  sweep_timer_ = parts_.loop.schedule(kSweepInterval, [this] { sweep(); });
}

void HttpServer::stop(Task done) {
  CHECK(parts_.loop.in_loop());
  stopped_ = std::move(done);
  stopping_ = true;
  if (listener_ != nullptr) listener_->stop();
  if (connections_.empty()) {
    finish_stop();
    return;
  }
  for (auto& [id, connection] : connections_) connection->shut_down();
  stop_timer_ = parts_.loop.schedule(limits_.stop_timeout, [this] {
    for (auto& [id, connection] : connections_) connection->cut();
  });
}

void HttpServer::finish_stop() {
  listener_.reset();
  parts_.loop.cancel(stop_timer_);
  parts_.loop.cancel(sweep_timer_);
  // Not from inside a connection's last call.
  parts_.loop.post(std::move(stopped_));
}

}  // namespace longwire::http
