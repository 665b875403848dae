// longwire device list|show|remove|kick|ban

#include <fmt/format.h>

#include <memory>

#include "daemon/cli/command_line.h"
#include "daemon/cli/human_text.h"

namespace longwire::daemon {
namespace {

struct DeviceOptions {
  std::string device;
  std::string after;
  bool lift = false;
};

void print_registration(const Json& registration) {
  fmt::print(
      "\nregistration {}\n  app       {} ({})\n  version   {}\n  aliases   {}\n",
      registration.at("regId").get<std::string>(), registration.at("appId").get<std::string>(),
      registration.at("package").get<std::string>(),
      registration.at("appVersion").get<std::string>(), list_text(registration.at("aliases")));
  fmt::print("  accounts  {}\n  topics    {}\n", list_text(registration.at("accounts")),
             list_text(registration.at("topics")));
}

// Why does this device not get it: the last word on each feed.
void print_feed(const Json& feed) {
  const auto waiting = feed.at("waiting").get<std::uint64_t>();
  fmt::print("  {:<56} {:>8} of {:<8} {}\n", feed.at("feed").get<std::string>(),
             feed.at("cursor").get<std::uint64_t>(), feed.at("tail").get<std::uint64_t>(),
             waiting == 0 ? "has all" : fmt::format("{} waiting", waiting));
}

void print_device(const Json& device) {
  const bool online = device.at("online").get<bool>();
  const bool banned = device.at("banned").get<bool>();
  fmt::print("device        {}\nnow           {}{}\ncreated       {}\nlast contact  {}\n",
             device.at("device").get<std::string>(), online ? "connected" : "not connected",
             banned ? ", banned" : "", time_text(device.at("created")),
             time_text(device.at("lastContact")));
  for (const Json& registration : device.at("registrations")) print_registration(registration);
  if (device.at("registrations").empty()) fmt::print("\nno app is registered on it\n");
  if (!device.at("feeds").empty()) fmt::print("\nfeed, acknowledged of written\n");
  for (const Json& feed : device.at("feeds")) print_feed(feed);
}

void print_devices(const Json& devices) {
  for (const Json& device : devices) fmt::print("{}\n", device.get<std::string>());
}

struct DeviceAction {
  const char* name;
  const char* help;
  const char* past;
};

void add_action(CLI::App& group, CommandLine& line, const std::shared_ptr<DeviceOptions>& options,
                const DeviceAction& action) {
  auto* command = group.add_subcommand(action.name, action.help);
  command->add_option("device", options->device, "Device id")->required();
  if (std::string_view(action.name) == "ban") {
    command->add_flag("--lift", options->lift, "Let it in again");
  }
  command->callback([&line, options, action] {
    line.action = [&line, options, action] {
      const Json params = {{"device", options->device}, {"banned", !options->lift}};
      return run_remote(line, {fmt::format("device.{}", action.name), params}, [&](const Json&) {
        fmt::print("{} {}\n", options->device, options->lift ? "may log in again" : action.past);
      });
    };
  });
}

}  // namespace

void add_device_commands(CLI::App& root, CommandLine& line) {
  auto options = std::make_shared<DeviceOptions>();  // shared by the callbacks, which CLI copies
  auto* group = root.add_subcommand("device", "Devices that connect")->require_subcommand(1);
  group->fallthrough();
  auto* list = group->add_subcommand("list", "All devices");
  list->add_option("--after", options->after, "Start behind this one");
  list->callback([&line, options] {
    line.action = [&line, options] {
      return print_result(line, ask_for_all(line, "device.list", options->after), print_devices);
    };
  });
  auto* show = group->add_subcommand("show", "Why does this device not get it");
  show->add_option("device", options->device, "Device id")->required();
  show->callback([&line, options] {
    line.action = [&line, options] {
      return run_remote(line, {"device.show", {{"device", options->device}}}, print_device);
    };
  });
  add_action(*group, line, options, {"remove", "Removes it with all registrations", "is removed"});
  add_action(*group, line, options, {"kick", "Closes its connection", "is disconnected"});
  add_action(*group, line, options, {"ban", "Closes its connection for good", "is banned"});
}

}  // namespace longwire::daemon
