// longwire config check|print

#include <fmt/format.h>

#include <memory>

#include "daemon/cli/command_line.h"
#include "daemon/serve/certificate.h"
#include "daemon/serve/settings.h"
#include "daemon/serve/tier_certificate.h"

namespace longwire::daemon {
namespace {

Result<std::unique_ptr<Settings>> load(const CommandLine& line) {
  return load_settings({line.config, line.set}, DataPaths(line.data));
}

Result<Json> check_all(const CommandLine& line) {
  const auto settings = load(line);
  if (!settings.ok()) return settings.error();
  TRY(check_certificate((*settings)->tls, DataPaths(line.data)));
  if (const auto tier = load_tier_tls((*settings)->tier.tls); !tier.ok()) return tier.error();
  return Json{{"ok", true}};
}

int check(const CommandLine& line) {
  return print_result(line, check_all(line),
                      [](const Json&) { fmt::print("the configuration is sound\n"); });
}

int print(const CommandLine& line, bool markdown) {
  if (markdown) {
    fmt::print("{}", Settings().schema.print_markdown());
    return 0;
  }
  const auto settings = load(line);
  if (!settings.ok()) return print_error(line, settings.error());
  const ConfigSchema& schema = (*settings)->schema;
  fmt::print("{}", line.json ? schema.print_json() + "\n" : schema.print_toml());
  return 0;
}

}  // namespace

void add_config_commands(CLI::App& root, CommandLine& line) {
  auto* group = root.add_subcommand("config", "The configuration")->require_subcommand(1);
  group->add_subcommand("check", "Is it sound")->callback([&line] {
    line.action = [&line] { return check(line); };
  });
  auto markdown = std::make_shared<bool>(false);  // shared by the callbacks, which CLI copies
  auto* show = group->add_subcommand("print", "All keys with their values and meaning, as TOML");
  show->add_flag("--markdown", *markdown, "The defaults as docs/CONFIG.md has them");
  show->callback(
      [&line, markdown] { line.action = [&line, markdown] { return print(line, *markdown); }; });
}

}  // namespace longwire::daemon
