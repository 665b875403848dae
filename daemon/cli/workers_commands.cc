// longwire drain, longwire workers

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "daemon/cli/command_line.h"

namespace longwire::daemon {
namespace {

// A drain takes workers times spread, and nobody else can tell whether it goes on.
constexpr std::chrono::milliseconds kDrainPatience = std::chrono::hours(24);

struct DrainOptions {
  std::optional<int> worker;
  double spread_seconds = 10;
};

int drain(const CommandLine& line, const DrainOptions& options) {
  Json params = {{"spreadMs", static_cast<std::int64_t>(options.spread_seconds * 1000)}};
  if (options.worker) params["worker"] = *options.worker;
  return print_result(
      line, ask_server(line, {"drain", std::move(params)}, kDrainPatience),
      [](const Json& answer) { fmt::print("drained: {}\n", answer.at("drained").get<int>()); });
}

void print_worker(const Json& worker) {
  fmt::print("{:>6}  {:>8}  {:<8}  {:>9}  {:>11}  {:>8}  {}\n", worker.at("worker").get<int>(),
             worker.at("pid").get<int>(), worker.at("state").get<std::string>(),
             worker.at("restarts").get<int>(), worker.at("connections").get<int>(),
             worker.at("sessions").get<int>(), worker.at("version").get<std::string>());
}

void print_workers(const Json& workers) {
  fmt::print("worker       pid  state      restarts  connections  sessions  version\n");
  for (const Json& worker : workers) print_worker(worker);
}

}  // namespace

void add_workers_commands(CLI::App& root, CommandLine& line) {
  auto options = std::make_shared<DrainOptions>();  // shared by the callback, which CLI copies
  auto* command = root.add_subcommand(
      "drain",
      "Replaces all workers, one after the other; without workers: lets all sessions go, "
      "and ends the server");
  command->add_option("--worker", options->worker, "This one alone")->check(CLI::NonNegativeNumber);
  command
      ->add_option("--spread", options->spread_seconds,
                   "Seconds over which a worker's sessions are told to come back")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  command->callback(
      [&line, options] { line.action = [&line, options] { return drain(line, *options); }; });
  root.add_subcommand("workers", "The worker processes, their share and their restarts")
      ->callback([&line] {
        line.action = [&line] {
          return run_remote(line, {"workers", Json::object()}, print_workers);
        };
      });
}

}  // namespace longwire::daemon
