#pragma once

// The command line: one file a group of commands. A group's function adds its commands to the
// parser and says, for each, what to do once everything is parsed.

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/control/control_frame.h"

namespace longwire::daemon {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

// What every command knows. Filled by the parser; lives as long as the program.
struct CommandLine {
  std::string program;  // argv[0]
  std::string data = "var";
  bool json = false;
  std::string config;            // --config FILE
  std::vector<std::string> set;  // --set key=value …
  std::function<int()> action;   // what the named command does; answers the exit code
};

void add_serve_command(CLI::App& root, CommandLine& line);
void add_status_command(CLI::App& root, CommandLine& line);
void add_workers_commands(CLI::App& root, CommandLine& line);
void add_app_commands(CLI::App& root, CommandLine& line);
void add_user_commands(CLI::App& root, CommandLine& line);
void add_device_commands(CLI::App& root, CommandLine& line);
void add_message_commands(CLI::App& root, CommandLine& line);
void add_storage_commands(CLI::App& root, CommandLine& line);
// Below `storage`.
void add_move_commands(CLI::App& storage, CommandLine& line);
void add_tier_commands(CLI::App& root, CommandLine& line);
void add_config_commands(CLI::App& root, CommandLine& line);
void add_version_command(CLI::App& root, CommandLine& line);

// Prints what a command has to say to a person.
using HumanPrinter = std::function<void(const Json& result)>;

// Asks the running server; `patience`: see ControlClient::call.
Result<Json> ask_server(const CommandLine& line, const ControlRequest& request,
                        std::chrono::milliseconds patience = std::chrono::seconds(30));

// Asks it for a list, page by page: each continues behind the last name of the one before.
Result<Json> ask_for_all(const CommandLine& line, const std::string& command, std::string after);

// Asks it and prints its answer: as JSON with --json, else through `print`.
int run_remote(const CommandLine& line, const ControlRequest& request, const HumanPrinter& print);

// Prints `result` likewise; for commands that need no server.
int print_result(const CommandLine& line, const Result<Json>& result, const HumanPrinter& print);

// "longwire: message" on stderr (as JSON with --json), and the exit code for it.
int print_error(const CommandLine& line, const Error& error);

}  // namespace longwire::daemon
