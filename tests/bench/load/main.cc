// longwire_load SCENARIO options: one measurement against a running server. `./dev bench` starts
// the server and runs them all (tests/bench/run.py).

#include <CLI/CLI.hpp>
#include <fstream>
#include <string>

#include "tests/bench/load/cluster_scenarios.h"
#include "tests/bench/load/scenarios.h"

namespace longwire::bench {
namespace {

std::vector<Login> read_users(const std::string& file) {
  std::vector<Login> users;
  std::ifstream in(file);
  std::string name;
  std::string password;
  while (in >> name >> password)
    users.push_back({.user = name,
                     .password = password,
                     .domain = "localhost",
                     .resource = "load",
                     .memory = {}});
  return users;
}

int run(int argc, char** argv) {
  CLI::App app("Load for Longwire");
  Target target;
  std::string scenario;
  std::string users_file;
  std::string devices_file;
  std::size_t connections = 1000;
  std::size_t in_flight = 1000;
  int rounds = 50;
  int run_seconds = 10;
  int entries = 20;
  int per_second = 200;
  app.add_option("scenario", scenario)->required();
  app.add_option("--xmpps", target.xmpps)->required();
  app.add_option("--https", target.https)->required();
  app.add_option("--pid", target.pids)->required()->delimiter(',');
  app.add_option("--app-id", target.app_id)->required();
  app.add_option("--app-key", target.app_key)->required();
  app.add_option("--app-secret", target.app_secret)->required();
  app.add_option("--package", target.package)->required();
  app.add_option("--connections", connections);
  app.add_option("--in-flight", in_flight);
  app.add_option("--rounds", rounds);
  app.add_option("--seconds", run_seconds);
  app.add_option("--entries", entries);
  app.add_option("--per-second", per_second);
  app.add_option("--users", users_file);
  app.add_option("--devices", devices_file);
  CLI11_PARSE(app, argc, argv);
  Engine engine;
  if (scenario == "fanout")
    run_fanout(engine, target, connections, rounds);
  else if (scenario == "prepare")
    run_prepare(engine, target, connections, devices_file);
  else if (scenario == "idle")
    run_idle(engine, target, devices_file);
  else if (scenario == "login")
    run_login(engine, target, connections);
  else if (scenario == "sends")
    run_sends(engine, target, connections, run_seconds);
  else if (scenario == "paced")
    run_paced(engine, target, connections, per_second, run_seconds);
  else if (scenario == "hold")
    run_hold(engine, target, connections);
  else if (scenario == "latency")
    run_latency(engine, target, rounds);
  else if (scenario == "chat")
    run_chat(engine, target, read_users(users_file), in_flight, run_seconds);
  else if (scenario == "storm")
    run_storm(engine, target, devices_file);
  else if (scenario == "fill")
    run_fill(engine, target, devices_file, entries);
  else if (scenario == "fetch")
    run_fetch(engine, target, devices_file, entries, per_second);
  else if (scenario == "repeat")
    run_repeat(engine, target, devices_file, in_flight, run_seconds);
  else
    return 2;
  return 0;
}

}  // namespace
}  // namespace longwire::bench

int main(int argc, char** argv) { return longwire::bench::run(argc, argv); }
