// longwire status

#include <fmt/format.h>
#include <poll.h>

#include <cstdio>
#include <memory>

#include "daemon/cli/command_line.h"
#include "daemon/status/status_table.h"

namespace longwire::daemon {
namespace {

constexpr int kWatchEveryMs = 1'000;
constexpr char kClear[] = "\x1b[H\x1b[2J";

void print_status(const Json& status) { fmt::print("{}", status_table(status)); }

int show(const CommandLine& line) {
  return run_remote(line, {"status", Json::object()}, print_status);
}

// Until it is interrupted, or nobody answers.
int watch(const CommandLine& line) {
  for (;;) {
    if (!line.json) fmt::print("{}", kClear);
    if (const int code = show(line); code != 0) return code;
    std::fflush(stdout);
    ::poll(nullptr, 0, kWatchEveryMs);
  }
}

}  // namespace

void add_status_command(CLI::App& root, CommandLine& line) {
  auto again = std::make_shared<bool>(false);  // shared by the callback, which CLI copies
  auto* command = root.add_subcommand(
      "status", "Every process of the cluster that this server is of, and what waits in it");
  command->add_flag("--watch", *again, "Once a second, until interrupted");
  command->footer(
      "Asked of the server of --data DIR, whatever its role; with --json for programs.\n"
      "What the columns say: docs/OPERATIONS.md, \"A cluster\".");
  command->callback([&line, again] {
    line.action = [&line, again] { return *again ? watch(line) : show(line); };
  });
}

}  // namespace longwire::daemon
