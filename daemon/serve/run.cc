#include "daemon/serve/run.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "daemon/serve/banner.h"
#include "daemon/serve/process.h"
#include "daemon/serve/server.h"
#include "daemon/serve/signals.h"
#include "daemon/version.h"
#include "daemon/workers/program_path.h"
#include "daemon/workers/worker_log.h"
#include "daemon/workers/worker_seat.h"

namespace longwire::daemon {
namespace {

// What SIGHUP does: certificates, and the keys that can change. A mistake changes nothing: all that
// can be refused is looked at before anything is taken.
void reload(Server& server, Settings& settings, const ServeOptions& options, LogSink& sink) {
  const Logger log(sink, "serve");
  if (const auto read = load_settings(options.sources, options.paths); !read.ok()) {
    log.error("configuration not reloaded", {{"why", read.error().message}});
    return;
  }
  if (const Status reloaded = server.reload_certificates(); !reloaded.ok()) {
    log.error("certificate not reloaded", {{"why", reloaded.error().message}});
    return;
  }
  const auto need_restart = reload_settings(settings, options.sources, options.paths);
  if (!need_restart.ok()) {
    log.error("configuration not reloaded", {{"why", need_restart.error().message}});
    return;
  }
  sink.set_level(log_level(settings.log));
  for (const std::string& key : *need_restart) log.warn("key wants a restart", {{"key", key}});
  log.info("reloaded");
}

// The device's program lies beside ours in an installation; in a build tree the sdk's folder has
// it.
std::string device_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  for (const auto& place : {self.parent_path() / "longwire-device",
                            self.parent_path().parent_path() / "sdk/device/longwire-device"}) {
    if (std::filesystem::exists(place, error)) return place.string();
  }
  return "longwire-device";
}

Result<std::unique_ptr<Server>> start(const Settings& settings, const DataPaths& paths,
                                      const ServerWorld& world, ServerPlace place) {
  const SignalsKill while_starting;
  return Server::start(settings, paths, world, std::move(place));
}

// A worker is this program with the same configuration, but for what is the supervisor's.
Result<std::vector<std::string>> worker_command(const ServeOptions& options,
                                                const Settings& settings) {
  const char* const search = std::getenv("PATH");
  std::vector<std::string> words = {program_path(options.program, search != nullptr ? search : "")};
  if (words.front().empty()) {
    return Error{ErrorCode::kUnavailable,
                 "cannot tell where the program lies that the workers run: call it by its path"};
  }
  words.insert(words.end(), {"serve", "--data", options.paths.root().string()});
  if (!options.sources.file.empty()) words.insert(words.end(), {"--config", options.sources.file});
  for (const std::string& set : options.sources.assignments) {
    words.insert(words.end(), {"--set", set});
  }
  words.insert(words.end(), {"--set", "xmpp.workers=0", "--set", "tier.roles=xmpp"});
  if (settings.tier.has("middle")) {
    const auto socket = std::filesystem::absolute(options.paths.workers_socket());
    words.insert(words.end(),
                 {"--set", "tier.listen=", "--set", "tier.middle=unix:" + socket.string()});
  }
  return words;
}

// What an earlier server listened on is nobody's any more.
// Also tells early where it could not be written.
Status remove_ports_file(const std::string& path) {
  if (path.empty()) return {};
  std::error_code error;
  const auto folder = std::filesystem::absolute(path, error).parent_path();
  if (!std::filesystem::is_directory(folder, error)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--ports-file {}: there is no directory {}", path, folder.string())};
  }
  if (std::filesystem::remove(path, error) || !error) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("cannot remove {}: {}", path, error.message())};
}

void show_banner(const Server& server, const Settings& settings, const DataPaths& paths) {
  std::fputs(banner_text({.ports = server.ports(),
                          .demo = server.demo(),
                          .certificate_path = server.certificate_path(),
                          .domain = settings.xmpp.domain,
                          .data = paths.root().string(),
                          .device_program = device_program()})
                 .c_str(),
             stdout);
  std::fflush(stdout);
}

void serve_until_stopped(Server& server, Settings& settings, const ServeOptions& options,
                         LogSink& sink) {
  while (wait_for_signal() == Signal::kReload) reload(server, settings, options, sink);
  let_signals_kill();
  Logger(sink, "serve").info("stopping");
}

// No lock, no ports file, no banner: these are the supervisor's.
Status run_worker(const ServeOptions& options) {
  block_signals();
  auto seat = take_seat(options.worker);
  if (!seat.ok()) return seat.error();
  auto settings = load_settings(options.sources, options.paths);
  if (!settings.ok()) return settings.error();
  const auto sink = make_log_sink(log_level((*settings)->log), (*settings)->log.format == "json");
  WorkerLog log(*sink, seat->number);
  Logger(log, "serve")
      .info("starting", {{"version", kVersion}, {"descriptors_max", raise_descriptor_limit()}});
  Metrics metrics;
  const ServerWorld world{system_clock(), system_random(), log, metrics};
  auto server = start(**settings, options.paths, world, {std::move(*seat), {}});
  if (!server.ok()) return server.error();
  serve_until_stopped(**server, **settings, options, log);
  (*server)->stop();
  server->reset();
  Logger(log, "serve").info("stopped");
  return {};
}

}  // namespace

Status run_server(const ServeOptions& options) {
  if (!options.worker.empty()) return run_worker(options);
  auto settings = load_settings(options.sources, options.paths);
  if (!settings.ok()) return settings.error();
  auto lock = DataLock::take(options.paths);
  if (!lock.ok()) return lock.error();
  TRY(remove_ports_file(options.ports_file));
  block_signals();
  const auto sink = make_log_sink(log_level((*settings)->log), (*settings)->log.format == "json");
  Logger(*sink, "serve")
      .info("starting", {{"version", kVersion},
                         {"data", options.paths.root().string()},
                         {"descriptors_max", raise_descriptor_limit()}});
  Metrics metrics;
  const ServerWorld world{system_clock(), system_random(), *sink, metrics};
  ServerPlace place;
  if ((*settings)->workers.count > 0) {
    auto command = worker_command(options, **settings);
    if (!command.ok()) return command.error();
    place.worker_command = std::move(*command);
  }
  auto server = start(**settings, options.paths, world, std::move(place));
  if (!server.ok()) return server.error();
  if (!options.ports_file.empty()) {
    TRY(write_ports_file(options.ports_file, (*server)->ports()));
  }
  show_banner(**server, **settings, options.paths);
  serve_until_stopped(**server, **settings, options, *sink);
  (*server)->stop();
  server->reset();
  Logger(*sink, "serve").info("stopped");
  return {};
}

}  // namespace longwire::daemon
