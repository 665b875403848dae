// longwire user add|passwd|remove|list

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <optional>

#include "base/encoding.h"
#include "base/random.h"
#include "daemon/cli/command_line.h"

namespace longwire::daemon {
namespace {

struct UserOptions {
  std::string user;
  std::optional<std::string> password;
  bool from_stdin = false;
};

constexpr std::size_t kMadePasswordBytes = 12;

// Given, or read from stdin so that it shows in no process list; empty: one is to be made.
std::optional<std::string> given_password(const UserOptions& options) {
  if (!options.from_stdin) return options.password;
  std::string line;
  std::getline(std::cin, line);
  return line;
}

// The answer tells the password only where it was made: nobody else knows it.
Result<Json> set_password(const CommandLine& line, const UserOptions& options,
                          const std::string& command) {
  const auto given = given_password(options);
  const std::string password =
      given ? *given : base64url_encode(system_random().bytes(kMadePasswordBytes));
  auto answer = ask_server(line, {command, {{"user", options.user}, {"password", password}}});
  if (answer.ok() && !given) (*answer)["password"] = password;
  return answer;
}

void print_account(const Json& account) {
  fmt::print("user      {}\n", account.at("account").get<std::string>());
  if (account.contains("password")) {
    fmt::print("password  {}\n", account.at("password").get<std::string>());
  }
}

void add_password_command(CLI::App& group, CommandLine& line,
                          const std::shared_ptr<UserOptions>& options, const char* name,
                          const char* help) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("user", options->user, "The part before the @")->required();
  auto* password = command->add_option("--password", options->password,
                                       "One is made and shown where it is left out");
  command->add_flag("--password-stdin", options->from_stdin, "Read it from standard input")
      ->excludes(password);
  command->callback([&line, options, request = fmt::format("user.{}", name)] {
    line.action = [&line, options, request] {
      return print_result(line, set_password(line, *options, request), print_account);
    };
  });
}

}  // namespace

void add_user_commands(CLI::App& root, CommandLine& line) {
  auto options = std::make_shared<UserOptions>();  // shared by the callbacks, which CLI copies
  auto* group =
      root.add_subcommand("user", "People who log in with a chat client")->require_subcommand(1);
  group->fallthrough();
  add_password_command(*group, line, options, "add", "Makes an account");
  add_password_command(*group, line, options, "passwd", "Sets a password");
  auto* remove = group->add_subcommand("remove", "Removes an account with its roster");
  remove->add_option("user", options->user, "The part before the @")->required();
  remove->callback([&line, options] {
    line.action = [&line, options] {
      return run_remote(line, {"user.remove", {{"user", options->user}}},
                        [&](const Json&) { fmt::print("{} is removed\n", options->user); });
    };
  });
  auto* list = group->add_subcommand("list", "All accounts");
  list->add_option("--after", options->user, "Start behind this one");
  list->callback([&line, options] {
    line.action = [&line, options] {
      return print_result(line, ask_for_all(line, "user.list", options->user),
                          [](const Json& users) {
                            for (const Json& user : users)
                              fmt::print("{}\n", user.get<std::string>());
                          });
    };
  });
}

}  // namespace longwire::daemon
