#include "http_front/server/http_front.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "base/guarded.h"
#include "http_front/api/api_handler.h"
#include "http_front/server/http_server.h"

namespace longwire::http {
namespace {

// Shared by loops that read it and the thread that reloads: the old one serves until its last
// session is made.
using TlsPtr = std::shared_ptr<net::TlsContext>;

Result<TlsPtr> make_tls(const net::CertificatePem& certificate) {
  auto made = net::make_tls_server({.certificate_pem = certificate.certificate,
                                    .private_key_pem = certificate.private_key,
                                    .alpn = {"h2", "http/1.1", "http/1.0"},
                                    .alpn_required = true});
  if (!made) return made.error();
  return TlsPtr(std::move(made).value());
}

std::size_t size_of(std::int64_t number) { return static_cast<std::size_t>(number); }

ServerLimits server_limits(const HttpConfig& config, std::size_t loops) {
  ServerLimits limits;
  limits.session.parser = {.head_bytes_max = size_of(config.head_bytes_max),
                           .fields_max = size_of(config.header_fields_max),
                           .body_bytes_max = size_of(config.body_bytes_max)};
  limits.session.requests_max = size_of(config.requests_per_connection_max);
  limits.session.streams_max = size_of(config.streams_per_connection_max);
  limits.session.unfinished_bodies_max = 4 * size_of(config.body_bytes_max);
  limits.session.receive_timeout = config.receive_timeout;
  limits.session.answer_timeout = config.answer_timeout;
  limits.session.idle_timeout = config.idle_timeout;
  limits.connections_max = size_of(config.connections_max) / loops + 1;
  limits.connections_per_address_max = size_of(config.connections_per_address_max);
  limits.body_memory_max = size_of(config.body_memory_max) / loops;
  limits.handshake_timeout = config.handshake_timeout;
  limits.stop_timeout = config.stop_timeout;
  return limits;
}

// What one loop has; made, used and destroyed on it, in this order and back.
struct LoopPart {
  middle::MiddleLink link;
  std::optional<ApiHandler> api;
  std::optional<AdminHandler> admin;
  std::optional<HttpServer> server;
  std::optional<HttpServer> admin_server;
};

class Front final : public HttpFront {
 public:
  Front(const HttpConfig& config, HttpFrontParts parts, Environment environment, TlsPtr tls)
      : config_(config),
        parts_(std::move(parts)),
        environment_(environment),
        limits_(server_limits(config, parts_.loops.size())),
        tls_(std::move(tls)),
        devices_({.per_minute = static_cast<double>(config.devices_per_minute),
                  .addresses_max = size_of(config.addresses_tracked_max)}),
        bad_secrets_({.per_minute = static_cast<double>(config.bad_secrets_per_minute),
                      .addresses_max = size_of(config.addresses_tracked_max)}),
        recent_secrets_(size_of(config.secret_cache_max)),
        loop_parts_(parts_.loops.size()) {
    if (!parts_.admin.metrics) {
      parts_.admin.metrics = [&metrics = environment_.metrics] { return metrics.render(); };
    }
  }

  Result<HttpAddresses> start() override;
  Status set_certificate(const net::CertificatePem& certificate) override;
  void stop(Callback<void> done) override;

 private:
  using Listeners = std::vector<std::unique_ptr<net::Listener>>;
  Status open_listeners(Listeners& listeners, std::unique_ptr<net::Listener>& admin);
  Status open_api_listeners(Listeners& listeners);
  void start_loop(std::size_t index, std::unique_ptr<net::Listener> listener);
  void start_admin(std::unique_ptr<net::Listener> listener);
  void stop_loop(std::size_t index);
  void on_server_stopped(std::size_t index);
  void on_loop_stopped();
  net::Loop& loop(std::size_t index) { return parts_.loops[index].get(); }

  const HttpConfig config_;
  HttpFrontParts parts_;
  const Environment environment_;
  const ServerLimits limits_;
  Guarded<TlsPtr> tls_;
  AddressLimiter devices_;
  AddressLimiter bad_secrets_;
  RecentSecrets recent_secrets_;
  std::vector<LoopPart> loop_parts_;  // each touched on its loop only
  std::atomic<std::size_t> loops_running_{0};
  Callback<void> stopped_;
};

Status Front::open_listeners(Listeners& listeners, std::unique_ptr<net::Listener>& admin) {
  if (!config_.listen.empty()) TRY(open_api_listeners(listeners));
  if (config_.admin_listen.empty()) return {};
  const auto admin_address = net::parse_address(config_.admin_listen);
  if (!admin_address) return admin_address.error();
  auto listener = net::Listener::open(loop(0), *admin_address);
  if (!listener) return listener.error();
  admin = std::move(listener).value();
  return {};
}

Status Front::open_api_listeners(Listeners& listeners) {
  auto address = net::parse_address(config_.listen);
  if (!address) return address.error();
  for (std::size_t i = 0; i < parts_.loops.size(); ++i) {
    auto listener = net::Listener::open(loop(i), *address);
    if (!listener) return listener.error();
    address->port = (*listener)->address().port;  // the others share what the first was given
    listeners.push_back(std::move(listener).value());
  }
  return {};
}

Result<HttpAddresses> Front::start() {
  Listeners listeners;
  std::unique_ptr<net::Listener> admin;
  TRY(open_listeners(listeners, admin));
  HttpAddresses addresses;
  if (!listeners.empty()) addresses.https = listeners.front()->address();
  if (admin) addresses.admin = admin->address();
  loops_running_ = std::max<std::size_t>(listeners.size(), admin ? 1 : 0);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    loop(i).post([this, i, listener = std::move(listeners[i])]() mutable {
      start_loop(i, std::move(listener));
    });
  }
  if (admin) {
    loop(0).post(
        [this, listener = std::move(admin)]() mutable { start_admin(std::move(listener)); });
  }
  return addresses;
}

void Front::start_loop(std::size_t index, std::unique_ptr<net::Listener> listener) {
  LoopPart& part = loop_parts_[index];
  part.link =
      parts_.middle.connect(loop(index), middle::NodeId("http-" + std::to_string(index)), nullptr);
  part.api.emplace(ApiParts{.service = *part.link.service,
                            .device_limiter = devices_,
                            .secret_limiter = bad_secrets_,
                            .recent_secrets = recent_secrets_,
                            .domain = parts_.domain,
                            .secret_cache = {.keep = config_.secret_cache_time,
                                             .apps_max = size_of(config_.secret_cache_max)}},
                   environment_);
  ServerLimits limits = limits_;
  limits.proxies = net::Networks::parse(config_.proxy_networks).value();  // looked at when made
  part.server.emplace(ServerParts{.loop = loop(index),
                                  .clock = environment_.clock,
                                  .handler = *part.api,
                                  .tls = [this] { return (*tls_.lock())->new_session(); },
                                  .metrics = make_server_metrics(environment_.metrics, "https")},
                      std::move(limits));
  part.server->start(std::move(listener));
}

void Front::start_admin(std::unique_ptr<net::Listener> listener) {
  LoopPart& part = loop_parts_.front();
  part.admin.emplace(parts_.admin);
  part.admin_server.emplace(
      ServerParts{.loop = loop(0),
                  .clock = environment_.clock,
                  .handler = *part.admin,
                  .tls = {},
                  .metrics = make_server_metrics(environment_.metrics, "admin")},
      limits_);
  part.admin_server->start(std::move(listener));
}

Status Front::set_certificate(const net::CertificatePem& certificate) {
  auto tls = make_tls(certificate);
  if (!tls) return tls.error();
  *tls_.lock() = std::move(tls).value();
  return {};
}

void Front::stop(Callback<void> done) {
  stopped_ = std::move(done);
  if (loops_running_ == 0) {
    environment_.executor.post([this] { stopped_({}); });
    return;
  }
  const std::size_t running = loops_running_;
  for (std::size_t i = 0; i < running; ++i) {
    loop(i).post([this, i] { stop_loop(i); });
  }
}

// The admin listener goes last: it shows how the rest is doing.
void Front::stop_loop(std::size_t index) {
  if (!loop_parts_[index].server) return on_server_stopped(index);
  loop_parts_[index].server->stop([this, index] { on_server_stopped(index); });
}

void Front::on_server_stopped(std::size_t index) {
  LoopPart& part = loop_parts_[index];
  // The service first: its callbacks hold calls, which hold the way back into the server.
  part.link = {};
  part.server.reset();
  part.api.reset();
  if (!part.admin_server) {
    on_loop_stopped();
    return;
  }
  part.admin_server->stop([this, &part] {
    part.admin_server.reset();
    part.admin.reset();
    on_loop_stopped();
  });
}

void Front::on_loop_stopped() {
  if (loops_running_.fetch_sub(1) != 1) return;
  environment_.executor.post([this] { stopped_({}); });
}

}  // namespace

Result<std::unique_ptr<HttpFront>> make_http_front(const HttpConfig& config, HttpFrontParts parts,
                                                   Environment environment) {
  CHECK(!parts.loops.empty());
  if (!config.listen.empty()) TRY(net::parse_address(config.listen));
  TRY(net::Networks::parse(config.proxy_networks));
  auto tls = make_tls(parts.certificate);
  if (!tls) return tls.error();
  return std::unique_ptr<HttpFront>(
      std::make_unique<Front>(config, std::move(parts), environment, std::move(tls).value()));
}

}  // namespace longwire::http
