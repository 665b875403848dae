// longwire version

#include <fmt/format.h>

#include "daemon/cli/command_line.h"
#include "daemon/version.h"

namespace longwire::daemon {

void add_version_command(CLI::App& root, CommandLine& line) {
  auto* version = root.add_subcommand("version", "Which Longwire this is")->fallthrough();
  version->callback([&line] {
    line.action = [&line] {
      return print_result(line, Json{{"version", kVersion}},
                          [](const Json&) { fmt::print("longwire {}\n", kVersion); });
    };
  });
}

}  // namespace longwire::daemon
