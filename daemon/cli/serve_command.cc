// longwire serve

#include <memory>

#include "daemon/cli/command_line.h"
#include "daemon/serve/run.h"

namespace longwire::daemon {

void add_serve_command(CLI::App& root, CommandLine& line) {
  auto ports_file = std::make_shared<std::string>();  // shared by the callback, which CLI copies
  auto* serve = root.add_subcommand("serve", "Serves until SIGINT or SIGTERM");
  serve->add_option("--ports-file", *ports_file,
                    "Listening ports as JSON, written once they all accept");
  serve->add_option_function<std::string>(
      "--roles", [&line](const std::string& roles) { line.set.push_back("tier.roles=" + roles); },
      "What this process is: middle, xmpp, http, or some of them, separated by commas (all by "
      "default)");
  auto worker = std::make_shared<std::string>();
  serve->add_option("--worker", *worker)->group("");  // a supervisor's own: not shown
  serve->callback([&line, ports_file, worker] {
    line.action = [&line, ports_file, worker] {
      const Status served = run_server({.paths = DataPaths(line.data),
                                        .sources = {line.config, line.set},
                                        .ports_file = *ports_file,
                                        .program = line.program,
                                        .worker = *worker});
      return served.ok() ? 0 : print_error(line, served.error());
    };
  });
}

}  // namespace longwire::daemon
