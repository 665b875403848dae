// The one program: everything it does is a command (daemon/cli).

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/cli/command_line.h"

namespace {

// Options of the whole program may stand before or behind the command.
void add_common_options(CLI::App& root, longwire::daemon::CommandLine& line) {
  root.add_option("--data", line.data, "Data directory")->capture_default_str()->take_last();
  root.add_flag("--json", line.json, "Answer in JSON");
  root.add_option("--config", line.config, "Configuration file (TOML); else DATA/longwire.toml")
      ->take_last();
  root.add_option("--set", line.set, "key=value over the configuration file; may be repeated")
      ->allow_extra_args(false);
}

// What the parser's own words leave out: which word is no command.
std::optional<std::string> unknown_command(const CLI::App& root, const CLI::ParseError& error) {
  const auto rest = root.remaining(true);
  if (error.get_name() != "RequiredError" || rest.empty() || rest.front().front() == '-') {
    return std::nullopt;
  }
  return rest.front();
}

std::string usage_error(const CLI::App& root, const CLI::ParseError& error) {
  const auto word = unknown_command(root, error);
  const std::string what = word ? "there is no command \"" + *word + "\"" : error.what();
  return what + "; see longwire --help";
}

// Where parsing failed, the flag may not have been come to.
bool asks_for_json(int argc, char** argv) {
  return std::find(argv + 1, argv + argc, std::string_view("--json")) != argv + argc;
}

}  // namespace

int main(int argc, char** argv) {
  namespace daemon = longwire::daemon;
  CLI::App root{"Longwire: an open push service", "longwire"};
  daemon::CommandLine line;
  line.program = argv[0];
  add_common_options(root, line);
  root.require_subcommand(1);
  root.fallthrough();
  daemon::add_serve_command(root, line);
  daemon::add_status_command(root, line);
  daemon::add_workers_commands(root, line);
  daemon::add_app_commands(root, line);
  daemon::add_user_commands(root, line);
  daemon::add_device_commands(root, line);
  daemon::add_message_commands(root, line);
  daemon::add_storage_commands(root, line);
  daemon::add_tier_commands(root, line);
  daemon::add_config_commands(root, line);
  daemon::add_version_command(root, line);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return root.exit(error);  // help
    line.json = line.json || asks_for_json(argc, argv);
    daemon::print_error(line, {longwire::ErrorCode::kInvalidArgument, usage_error(root, error)});
    return daemon::kExitUsage;
  }
  return line.action();
}
