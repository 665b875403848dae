// longwire-device: a device on the command line, for tests and for a first look.

#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "longwire/sdk/client.h"
#include "sdk/device/arguments.h"
#include "sdk/device/printer.h"

namespace longwire::device {
namespace {

// "ready" follows once all are answered; those that are refused are printed before.
void set_names(const Arguments& arguments, sdk::Client& client, Printer& printer) {
  auto done = [&printer](sdk::NameKind kind, const std::string& name) {
    return [&printer, kind, name](const std::optional<sdk::Failure>& failure) {
      printer.on_name_answered(kind, name, failure);
    };
  };
  for (const auto& alias : arguments.aliases)
    client.set_alias(alias, done(sdk::NameKind::kAlias, alias));
  for (const auto& account : arguments.accounts)
    client.set_account(account, done(sdk::NameKind::kAccount, account));
  for (const auto& topic : arguments.topics)
    client.subscribe(topic, done(sdk::NameKind::kTopic, topic));
}

// SIGINT and SIGTERM end the program as the last message does.
std::thread end_on_signal(Printer& printer, const sigset_t& signals) {
  return std::thread([&printer, signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    printer.end(kExitDone);
  });
}

int run(const Arguments& arguments) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // every thread inherits it
  std::signal(SIGPIPE, SIG_IGN);

  const std::size_t names =
      arguments.aliases.size() + arguments.accounts.size() + arguments.topics.size();
  Printer printer(arguments.count, names);
  std::thread waiter = end_on_signal(printer, signals);
  sdk::Client client(arguments.options, printer);
  printer.on_enough([&client] { client.stop_soon(); });
  set_names(arguments, client, printer);
  client.start();
  const int exit_code = printer.wait(arguments.timeout);
  client.stop();
  // The waiter takes it from sigwait; no thread is ended.
  pthread_kill(waiter.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  waiter.join();
  return exit_code;
}

}  // namespace
}  // namespace longwire::device

int main(int count, char** words) {
  namespace device = longwire::device;
  auto arguments = device::parse_arguments(std::vector<std::string>(words + 1, words + count));
  if (!arguments.ok()) {
    std::fprintf(stderr, "%s\n%s", arguments.error().message.c_str(), device::usage().c_str());
    return device::kExitUsage;
  }
  if (arguments->help) {
    std::fputs(device::usage().c_str(), stdout);
    return device::kExitDone;
  }
  return device::run(*arguments);
}
