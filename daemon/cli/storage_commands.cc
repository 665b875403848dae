// longwire storage init|check|export|import, longwire backup DIR, longwire restore DIR

#include <fmt/format.h>

#include <memory>

#include "daemon/cli/command_line.h"
#include "daemon/control/control_client.h"
#include "daemon/serve/offline.h"

namespace longwire::daemon {
namespace {

constexpr std::chrono::minutes kWholeStorageTimeout{60};

SettingsSources sources_of(const CommandLine& line) { return {line.config, line.set}; }

// With `only_say`, what would be done. `made`: something was.
Result<Json> init(const CommandLine& line, bool only_say) {
  auto offline = Offline::begin(DataPaths(line.data), sources_of(line));
  if (!offline.ok()) return offline.error();
  const StorageConfig& config = (*offline)->settings().storage;
  const auto steps = planned_steps(config, (*offline)->paths(), (*offline)->environment());
  if (!steps.ok()) return steps.error();
  if (!only_say) TRY(init_storage(config, (*offline)->paths(), (*offline)->environment()));
  return Json{{"storage", (*offline)->paths().storage().string()},
              {"steps", *steps},
              {"made", !only_say && !steps->empty()}};
}

// By the server, where one runs.
Result<Json> check(const CommandLine& line) {
  const DataPaths paths(line.data);
  if (auto client = ControlClient::connect(line.data); client.ok()) {
    return (*client)->call({"storage_check", Json::object()}, kWholeStorageTimeout);
  }
  const auto settings = load_settings(sources_of(line), paths);
  if (!settings.ok()) return settings.error();
  TRY(must_have_storage((*settings)->storage, paths));  // before its folder is made
  auto offline = Offline::begin(paths, sources_of(line));
  if (!offline.ok()) return offline.error();
  const StorageConfig& config = (*offline)->settings().storage;
  auto back_ends = open_existing_storage(config, paths, (*offline)->environment());
  if (!back_ends.ok()) return back_ends.error();
  const auto report = check_storage(**back_ends, false);
  if (!report.ok()) return report.error();
  return report_json(*report, config, paths, (*offline)->environment());
}

Result<Json> restore(const CommandLine& line, const std::string& directory) {
  TRY(check_backup(directory));  // before the data directory is made
  auto offline = Offline::begin(DataPaths(line.data), sources_of(line));
  if (!offline.ok()) return offline.error();
  const auto info = restore_storage((*offline)->settings().storage, (*offline)->paths(), directory,
                                    (*offline)->environment().random);
  if (!info.ok()) return info.error();
  return Json{{"incarnation", info->incarnation.value()}, {"partitions", info->partitions}};
}

Result<Json> backup(const CommandLine& line, const std::string& directory) {
  auto client = ControlClient::connect(line.data);
  if (!client.ok()) return client.error();
  // The server's working directory is not ours.
  std::error_code error;
  const auto absolute = std::filesystem::absolute(directory, error);
  if (error) return Error{ErrorCode::kInvalidArgument, "name a directory that does not exist yet"};
  return (*client)->call({"backup", {{"directory", absolute.string()}}}, kWholeStorageTimeout);
}

void print_init(const Json& made) {
  if (made.at("steps").empty()) return fmt::print("the storage is there already: nothing to do\n");
  fmt::print("{}\n", made.at("made").get<bool>() ? "done:" : "would be done:");
  for (const auto& step : made.at("steps")) fmt::print("{}\n", step.get<std::string>());
}

void print_check(const Json& report) {
  const auto count = [&](const char* key) { return report.at(key).get<std::uint64_t>(); };
  const auto text = [&](const char* key) { return report.at(key).get<std::string>(); };
  fmt::print("sound; incarnation {}\n{}:\n", text("incarnation"), text("feeds"));
  fmt::print("  {:>12} rows in {} partitions, {} bytes\n", count("rows"), count("partitions"),
             count("bytes"));
  for (const auto& [kind, rows] : report.at("kinds").items())
    fmt::print("  {:>12} {}\n", rows.get<std::uint64_t>(), kind);
  fmt::print("{}:\n  {:>12} apps\n  {:>12} users\n", text("directory"), count("apps"),
             count("users"));
  const Json& copies = report.at("copies");
  fmt::print("{}\n", text("cache"));
  if (copies.is_null()) return;
  if (copies.contains("error")) {
    fmt::print("  {}\n", copies.at("error").get<std::string>());
    return;
  }
  const auto copied = [&](const char* key) { return copies.at(key).get<std::uint64_t>(); };
  fmt::print("  {:>12} rows of {} partitions\n  {:>12} outdated ones, which expire\n",
             copied("rows"), copied("partitions"), copied("outdated"));
}

void add_storage_group(CLI::App& root, CommandLine& line) {
  auto* group =
      root.add_subcommand("storage", "The storage of a data directory")->require_subcommand(1);
  auto* init_command =
      group->add_subcommand("init", "Makes an empty storage (serve does it by itself)");
  auto only_say = std::make_shared<bool>(false);  // shared by the callbacks, which CLI copies
  init_command->add_flag("--dry-run", *only_say, "Only tells what it would do on servers");
  init_command->callback([&line, only_say] {
    line.action = [&line, only_say] {
      return print_result(line, init(line, *only_say), print_init);
    };
  });
  group->add_subcommand("check", "Reads every row and page")->callback([&line] {
    line.action = [&line] { return print_result(line, check(line), print_check); };
  });
  add_move_commands(*group, line);
}

}  // namespace

void add_storage_commands(CLI::App& root, CommandLine& line) {
  add_storage_group(root, line);
  auto directory = std::make_shared<std::string>();  // shared by the callbacks, which CLI copies
  auto* backup_command = root.add_subcommand("backup", "Copies one moment of a running server");
  backup_command->add_option("directory", *directory, "Made by it")->required();
  backup_command->callback([&line, directory] {
    line.action = [&line, directory] {
      return print_result(line, backup(line, *directory),
                          [&](const Json&) { fmt::print("{} holds the backup\n", *directory); });
    };
  });
  auto* restore_command =
      root.add_subcommand("restore", "Puts a backup into a data directory without storage");
  restore_command->add_option("directory", *directory, "The backup")->required();
  restore_command->callback([&line, directory] {
    line.action = [&line, directory] {
      return print_result(line, restore(line, *directory), [&](const Json&) {
        fmt::print("{} is restored into {}\n", *directory, line.data);
      });
    };
  });
}

}  // namespace longwire::daemon
