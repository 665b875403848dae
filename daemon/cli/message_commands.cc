// longwire send, longwire trace

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "daemon/cli/command_line.h"
#include "daemon/cli/human_text.h"

namespace longwire::daemon {
namespace {

// The server clamps to its own longest time, which is shorter.
constexpr std::int64_t kTimeToLiveSecondsMax = 366LL * 24 * 3600;

struct SendOptions {
  std::string app;
  std::vector<std::string> regids;
  std::vector<std::string> aliases;
  std::vector<std::string> accounts;
  std::optional<std::string> topic;
  bool all = false;
  std::string title;
  std::string description;
  std::string payload;
  std::optional<std::int64_t> time_to_live_seconds;
  std::string message;
};

Json target_params(const SendOptions& options) {
  if (!options.regids.empty()) return {{"target", "regid"}, {"names", options.regids}};
  if (!options.aliases.empty()) return {{"target", "alias"}, {"names", options.aliases}};
  if (!options.accounts.empty()) return {{"target", "account"}, {"names", options.accounts}};
  if (options.all) return {{"target", "all"}};
  // One of them is given: where it is none of these, it was a topic, or a list of nothing.
  return {{"target", "topic"}, {"names", std::vector<std::string>{options.topic.value_or("")}}};
}

Json send_params(const SendOptions& options) {
  Json params = target_params(options);
  params["app"] = options.app;
  params["title"] = options.title;
  params["description"] = options.description;
  params["payload"] = options.payload;
  if (options.time_to_live_seconds) {
    params["timeToLiveMs"] = *options.time_to_live_seconds * 1000;
  }
  return params;
}

void print_sent(const Json& sent) {
  fmt::print("message {} is accepted\n", sent.at("id").get<std::string>());
  if (!sent.at("unknown").empty()) fmt::print("unknown: {}\n", list_text(sent.at("unknown")));
}

void print_copy(const Json& copy) {
  fmt::print("  {}  {:<10} {}  {}\n", copy.at("regId").get<std::string>(),
             copy.at("state").get<std::string>(),
             copy.at("at").is_null() ? "" : time_text(copy.at("at")),
             copy.at("reason").get<std::string>());
}

// Nobody is looked up before its time.
void print_reached(const Json& trace) {
  if (trace.contains("scheduled")) {
    fmt::print("scheduled  {}, sent then\n", time_text(trace.at("scheduled")));
    return;
  }
  fmt::print("delivered  {} of {}\n", trace.at("delivered").get<std::uint64_t>(),
             trace.at("resolved").get<std::uint64_t>());
}

void print_trace(const Json& trace) {
  fmt::print("message    {}{}\napp        {}\ntarget     {} {}\naccepted   {}\nexpires    {}\n",
             trace.at("id").get<std::string>(), trace.at("recalled") ? " (recalled)" : "",
             trace.at("appId").get<std::string>(), trace.at("target").get<std::string>(),
             list_text(trace.at("names")), time_text(trace.at("accepted")),
             time_text(trace.at("expires")));
  print_reached(trace);
  for (const Json& copy : trace.at("copies")) print_copy(copy);
  if (trace.at("copiesTruncated").get<bool>()) fmt::print("  … and more\n");
}

void add_target_options(CLI::App& send, SendOptions& options) {
  auto* target = send.add_option_group("target", "Who gets it");
  target->add_option("--regid", options.regids, "Registrations")->delimiter(',');
  target->add_option("--alias", options.aliases, "Aliases")->delimiter(',');
  target->add_option("--account", options.accounts, "Accounts")->delimiter(',');
  target->add_option("--topic", options.topic, "All that carry a topic");
  target->add_flag("--all", options.all, "Every registration of the app");
  target->require_option(1);
}

}  // namespace

void add_message_commands(CLI::App& root, CommandLine& line) {
  auto options = std::make_shared<SendOptions>();  // shared by the callbacks, which CLI copies
  auto* send = root.add_subcommand("send", "Sends a push")->fallthrough();
  send->add_option("--app", options->app, "App id")->required();
  add_target_options(*send, *options);
  send->add_option("--title", options->title, "Title of the notification");
  send->add_option("--description", options->description, "Its text");
  send->add_option("--payload", options->payload, "What the app itself gets");
  send->add_option("--ttl", options->time_to_live_seconds,
                   "Seconds to live; the default where it is left out")
      ->check(CLI::Range(std::int64_t{1}, kTimeToLiveSecondsMax));
  send->callback([&line, options] {
    line.action = [&line, options] {
      return run_remote(line, {"send", send_params(*options)}, print_sent);
    };
  });
  auto* trace = root.add_subcommand("trace", "What became of a message")->fallthrough();
  trace->add_option("message", options->message, "Message id")->required();
  trace->callback([&line, options] {
    line.action = [&line, options] {
      return run_remote(line, {"trace", {{"id", options->message}}}, print_trace);
    };
  });
}

}  // namespace longwire::daemon
