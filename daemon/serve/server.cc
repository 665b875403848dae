#include "daemon/serve/server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/net/loop_thread.h"
#include "channels/echo/echo_channel.h"
#include "channels/push/push_channel.h"
#include "daemon/control/control_server.h"
#include "daemon/handlers/handlers.h"
#include "daemon/serve/address_check.h"
#include "daemon/serve/certificate.h"
#include "daemon/serve/middle_role.h"
#include "daemon/serve/process.h"
#include "daemon/serve/self_report.h"
#include "daemon/serve/storage_control.h"
#include "daemon/serve/wait.h"
#include "daemon/status/reporter.h"
#include "daemon/workers/front_control.h"
#include "daemon/workers/supervisor.h"
#include "http_front/server/http_front.h"
#include "middle/middle.h"
#include "xmpp/server/xmpp_server.h"

namespace longwire::daemon {
namespace {

using Threads = std::vector<std::unique_ptr<net::LoopThread>>;
using Loops = std::vector<std::reference_wrapper<net::Loop>>;

Threads make_threads(std::string_view name, std::int64_t count) {
  Threads threads;
  for (std::int64_t i = 0; i < count; ++i) {
    threads.push_back(std::make_unique<net::LoopThread>(fmt::format("{}-{}", name, i)));
  }
  return threads;
}

Loops loops_of(const Threads& threads) {
  Loops loops;
  for (const auto& thread : threads) loops.emplace_back(thread->loop());
  return loops;
}

// A supervisor's workers have them; a worker has one for each pair of sockets it was given.
std::int64_t xmpp_loops(const Settings& settings, const ServerPlace& place) {
  if (place.seat) return static_cast<std::int64_t>(place.seat->sockets.size());
  return settings.workers.count == 0 ? settings.threads.xmpp : 0;
}

// Of the roles that this process has.
std::vector<ListenKey> listen_keys(const Settings& settings, const ServerPlace& place) {
  std::vector<ListenKey> keys;
  if (place.seat) return keys;
  if (settings.tier.has("xmpp")) {
    keys.push_back({"xmpp.listen", settings.xmpp.listen});
    keys.push_back({"xmpp.listen_tls", settings.xmpp.listen_tls});
    if (!settings.handlers.push_listen.empty())
      keys.push_back({"channels.push_listen", settings.handlers.push_listen});
  }
  if (settings.tier.has("http")) {
    keys.push_back({"http.listen", settings.http.listen});
  }
  keys.push_back({"http.admin_listen", settings.http.admin_listen});
  if (!settings.tier.listen.empty()) keys.push_back({"tier.listen", settings.tier.listen});
  return keys;
}

// What the loops are doing now is done when it returns: an answer is given from inside a call.
void let_loops_finish(const Threads& threads) {
  for (const auto& thread : threads) thread->call([] {});
}

}  // namespace

// Members in the order of starting.
struct Server::State {
  State(const Settings& s, DataPaths p, const ServerWorld& w, ServerPlace l)
      : settings(s),
        paths(std::move(p)),
        world(w),
        place(std::move(l)),
        xmpp_threads(make_threads("xmpp", xmpp_loops(s, place))),
        http_threads(make_threads("http", place.seat ? 0 : s.threads.http)) {}
  ~State() { stop(); }

  Environment environment(net::LoopThread& thread) const {
    return {thread.loop(), world.clock, world.random, world.log, world.metrics};
  }

  Status start();
  Status start_middle();
  void link_control();
  Status make_demo();
  Status start_handlers();
  Status start_xmpp();
  Status start_workers();
  Status start_http();
  void start_reporter();
  Status start_control();
  void fill_control();
  void stop();
  void stop_control();
  void stop_fronts();
  void stop_handlers();
  void stop_middle();
  void fill_channels(channels::ChannelTable& table, Environment loop_environment,
                     middle::Service& service, middle::FollowHub& feeds) const;

  const Settings& settings;
  const DataPaths paths;
  const ServerWorld world;
  ServerPlace place;
  net::LoopThread keys_thread{"keys"};
  net::LoopThread control_thread{"control"};
  Threads xmpp_threads;
  Threads http_threads;

  // The storage is the supervisor's, and counted there.
  ProcessMetrics process_metrics{world.metrics,
                                 place.seat ? std::filesystem::path() : paths.storage()};
  CertificateFiles certificate;
  Ports ports;
  std::optional<DemoCredentials> demo;
  std::atomic<bool> ready{false};

  MiddleRole middle{{settings, paths, world, keys_thread.loop()}};
  middle::MiddleLink control_link;  // bound to control_thread, as the next five
  std::unique_ptr<Reporter> reporter;
  ControlTable control_table;
  std::unique_ptr<StorageControl> storage_control;
  std::unique_ptr<Supervisor> supervisor;
  std::unique_ptr<ControlServer> control_server;
  std::unique_ptr<Handlers> handlers;
  std::unique_ptr<xmpp::XmppServer> xmpp_server;
  std::unique_ptr<http::HttpFront> http_front;
};

Status Server::State::start() {
  TRY(check_addresses_free(listen_keys(settings, place)));
  auto loaded = load_certificate(settings.tls, paths, world.clock.now());
  if (!loaded.ok()) return loaded.error();
  certificate = std::move(*loaded);
  TRY(start_middle());
  if (settings.tier.has("xmpp")) {
    TRY(settings.workers.count == 0 ? start_xmpp() : start_workers());
  }
  if (!place.seat) TRY(start_http());
  start_reporter();
  TRY(start_control());
  ready = true;
  return {};
}

Status Server::State::start_middle() {
  TRY(middle.start());
  ports.tier = middle.tier_port();
  link_control();
  return middle.back_ends() != nullptr ? make_demo() : Status();
}

void Server::State::link_control() {
  control_thread.call([&] {
    control_link =
        middle.middle().connect(control_thread.loop(), middle::NodeId("control"), nullptr);
  });
}

Status Server::State::make_demo() {
  using Demo = std::optional<DemoCredentials>;
  auto made = wait_on<Demo>(control_thread, [&](Callback<Demo> done) {
    ensure_demo(*control_link.service, paths, world.random, std::move(done));
  });
  if (!made.ok()) return made.error();
  demo = std::move(*made);
  return {};
}

void Server::State::fill_channels(channels::ChannelTable& table, Environment loop_environment,
                                  middle::Service& service, middle::FollowHub& feeds) const {
  table.add(channels::make_push_channel(settings.push, loop_environment, service, feeds));
  table.add(channels::make_echo_channel());
  if (handlers) handlers->make_channels(table, loop_environment);
}

// Programs outside that serve channels.
Status Server::State::start_handlers() {
  if (settings.handlers.handlers.empty()) return {};
  auto started = Handlers::start(settings.handlers, xmpp::prepared_domain(settings.xmpp),
                                 environment(control_thread));
  if (!started.ok()) return started.error();
  handlers = std::move(*started);
  ports.channel_push = handlers->push_port();
  return {};
}

Status Server::State::start_xmpp() {
  TRY(start_handlers());
  xmpp::XmppServerParts parts{
      .loops = loops_of(xmpp_threads),
      .middle = middle.middle(),
      .keys = keys_thread.loop(),
      .certificate = {certificate.certificate_pem, certificate.private_key_pem},
      .channels =
          [this](channels::ChannelTable& table, Environment loop_environment,
                 middle::Service& service, middle::FollowHub& feeds) {
            fill_channels(table, loop_environment, service, feeds);
          },
      .sockets = place.seat ? std::move(place.seat->sockets) : std::vector<xmpp::XmppSockets>()};
  auto made = xmpp::make_xmpp_server(settings.xmpp, std::move(parts), environment(control_thread));
  if (!made.ok()) return made.error();
  xmpp_server = std::move(*made);
  const auto addresses = xmpp_server->start();
  if (!addresses.ok()) return addresses.error();
  ports.xmpp = addresses->xmpp.port;
  ports.xmpps = addresses->xmpps.port;
  return {};
}

// On the loop of control: its thread is there until all workers have ended.
Status Server::State::start_workers() {
  auto opened = Supervisor::open({.loop = control_thread.loop(),
                                  .environment = environment(control_thread),
                                  .config = settings.workers,
                                  .addresses = settings.xmpp,
                                  .loops_per_worker = settings.threads.xmpp,
                                  .command = place.worker_command});
  if (!opened.ok()) return opened.error();
  supervisor = std::move(*opened);
  ports.xmpp = supervisor->addresses().xmpp.port;
  ports.xmpps = supervisor->addresses().xmpps.port;
  return wait_on<void>(control_thread,
                       [this](Callback<void> done) { supervisor->start(std::move(done)); });
}

// Of a process without the http role it has the admin listener alone.
Status Server::State::start_http() {
  http::HttpFrontParts parts{
      .loops = loops_of(http_threads),
      .middle = middle.middle(),
      .domain = xmpp::prepared_domain(settings.xmpp),
      .certificate = {certificate.certificate_pem, certificate.private_key_pem},
      .admin = {.metrics =
                    [this] {
                      process_metrics.update();
                      const std::string own = world.metrics.render();
                      return supervisor ? supervisor->merged_page(own) : own;
                    },
                .readiness = [this]() -> Status {
                  if (ready) return {};
                  return Error{ErrorCode::kUnavailable, "starting or stopping"};
                }}};
  http::HttpConfig config = settings.http;
  if (!settings.tier.has("http")) config.listen.clear();
  auto made = http::make_http_front(config, std::move(parts), environment(control_thread));
  if (!made.ok()) return made.error();
  http_front = std::move(*made);
  const auto addresses = http_front->start();
  if (!addresses.ok()) return addresses.error();
  ports.https = addresses->https.port;
  ports.admin = addresses->admin.port;
  return {};
}

void Server::State::start_reporter() {
  const SelfFacts self{settings, paths, ports, middle.tier_address(),
                       place.seat ? place.seat->number : -1};
  control_thread.call([&] {
    reporter = std::make_unique<Reporter>(ReporterParts{.environment = environment(control_thread),
                                                        .board = middle.reports(),
                                                        .link = middle.report_link(control_thread),
                                                        .self = self_report(self),
                                                        .partitions = middle.partitions()});
  });
}

Status Server::State::start_control() {
  if (xmpp_server) {
    add_drain_control(control_table, {.server = *xmpp_server,
                                      .loop = control_thread.loop(),
                                      .has_successor = place.seat.has_value(),
                                      .drained = [] { ::kill(::getpid(), SIGTERM); }});
  }
  if (supervisor) supervisor->add_control(control_table);
  if (place.seat) {
    add_status_control(control_table, world.metrics, [this] {
      process_metrics.update();
      return world.metrics.render();
    });
    // Without its supervisor a worker has nobody to replace it.
    control_server =
        ControlServer::adopt(control_thread.loop(), world.log, std::move(place.seat->control),
                             control_table, [] { ::kill(::getpid(), SIGTERM); });
  } else {
    fill_control();
    auto opened =
        ControlServer::open(control_thread.loop(), world.log, paths.root(), control_table);
    if (!opened.ok()) return opened.error();
    control_server = std::move(*opened);
  }
  control_thread.call([this] { control_server->start(); });
  return {};
}

void Server::State::fill_control() {
  add_app_control(control_table, *control_link.service);
  add_user_control(control_table, *control_link.service);
  add_device_control(control_table, *control_link.service);
  add_message_control(control_table, *control_link.service);
  reporter->add_control(control_table);
  if (BackEnds* back_ends = middle.back_ends()) {
    storage_control = std::make_unique<StorageControl>(
        control_thread.loop(),
        ServedStorage{*back_ends, settings.storage, paths, environment(control_thread)},
        control_table);
  }
}

void Server::State::stop() {
  ready = false;
  stop_control();
  stop_fronts();
  stop_handlers();
  stop_middle();
  for (auto& thread : http_threads) thread->stop();
  for (auto& thread : xmpp_threads) thread->stop();
  http_threads.clear();
  xmpp_threads.clear();
}

void Server::State::stop_control() {
  control_thread.call([this] { control_server.reset(); });
  if (!storage_control) return;
  storage_control->wait();
  control_thread.call([this] { storage_control.reset(); });
}

void Server::State::stop_fronts() {
  if (http_front) {
    (void)wait_for<void>([&](Callback<void> done) { http_front->stop(std::move(done)); });
    control_thread.call([] {});
    let_loops_finish(http_threads);
    http_front.reset();
  }
  if (supervisor) {
    (void)wait_on<void>(control_thread,
                        [this](Callback<void> done) { supervisor->stop(std::move(done)); });
    control_thread.call([this] { supervisor.reset(); });
  }
  if (xmpp_server) {
    (void)wait_for<void>([&](Callback<void> done) { xmpp_server->stop(std::move(done)); });
    keys_thread.call([] {});  // derivations answer to the loops
    let_loops_finish(xmpp_threads);
    xmpp_server.reset();
  }
}

void Server::State::stop_handlers() {
  if (!handlers) return;
  handlers->stop();
  let_loops_finish(xmpp_threads);  // they answer pushes
  handlers.reset();
}

void Server::State::stop_middle() {
  control_thread.call([this] {
    reporter.reset();
    control_link = {};
  });
  middle.stop();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const Settings& settings, const DataPaths& paths,
                                              const ServerWorld& world, ServerPlace place) {
  auto state = std::make_unique<State>(settings, paths, world, std::move(place));
  TRY(state->start());
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

const Ports& Server::ports() const { return state_->ports; }
const std::optional<DemoCredentials>& Server::demo() const { return state_->demo; }
const std::string& Server::certificate_path() const { return state_->certificate.certificate_path; }

Status Server::reload_certificates() {
  auto loaded = load_certificate(state_->settings.tls, state_->paths, state_->world.clock.now());
  if (!loaded.ok()) return loaded.error();
  auto tier = load_tier_tls(state_->settings.tier.tls);
  if (!tier.ok()) return tier.error();
  const net::CertificatePem pem{loaded->certificate_pem, loaded->private_key_pem};
  if (state_->http_front) TRY(state_->http_front->set_certificate(pem));
  if (state_->xmpp_server) TRY(state_->xmpp_server->set_certificate(pem));
  state_->certificate = std::move(*loaded);
  state_->middle.take_tls(std::move(*tier));
  if (state_->supervisor) {
    state_->control_thread.call([this] { state_->supervisor->reload(); });
  }
  return {};
}

void Server::stop() { state_->stop(); }

}  // namespace longwire::daemon
