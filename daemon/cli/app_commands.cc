// longwire app create|list|show|rotate-secret

#include <fmt/format.h>

#include <memory>

#include "daemon/cli/command_line.h"
#include "daemon/cli/human_text.h"

namespace longwire::daemon {
namespace {

struct AppOptions {
  std::string id;
  std::string name;
  std::string package;
  std::int64_t keep_old_hours = 24;
};

void print_created(const Json& app) {
  fmt::print("app id      {}\napp key     {}\napp secret  {}\npackage     {}\n",
             app.at("appId").get<std::string>(), app.at("appKey").get<std::string>(),
             app.at("appSecret").get<std::string>(), app.at("package").get<std::string>());
  fmt::print("\nThe key is for devices, the secret for your servers; it is shown only now.\n");
}

void print_app(const Json& app) {
  fmt::print("app id    {}\nname      {}\napp key   {}\npackages  {}\ncreated   {}\n",
             app.at("appId").get<std::string>(), app.at("name").get<std::string>(),
             app.at("appKey").get<std::string>(), list_text(app.at("packages")),
             time_text(app.at("created")));
}

void print_apps(const Json& apps) {
  for (const Json& app : apps) {
    fmt::print("{}  {}  ({})\n", app.at("appId").get<std::string>(),
               app.at("name").get<std::string>(), list_text(app.at("packages")));
  }
  if (apps.empty()) fmt::print("no apps; make one with: longwire app create --package NAME\n");
}

void print_rotated(const Json& rotated) {
  fmt::print("app id      {}\napp secret  {}\n\nThe old secret works for {} more minutes.\n",
             rotated.at("appId").get<std::string>(), rotated.at("appSecret").get<std::string>(),
             rotated.at("oldSecretKeptMs").get<std::int64_t>() / 60'000);
}

void add_create(CLI::App& group, CommandLine& line, const std::shared_ptr<AppOptions>& options) {
  auto* create = group.add_subcommand("create", "Makes an app: its id, key and secret");
  create->add_option("--package", options->package, "Package name, e.g. org.example.news")
      ->required();
  create->add_option("--name", options->name, "Name for people; the package where it is left out");
  create->callback([&line, options] {
    line.action = [&line, options] {
      const std::string& name = options->name.empty() ? options->package : options->name;
      return run_remote(line, {"app.create", {{"name", name}, {"package", options->package}}},
                        print_created);
    };
  });
}

void add_rotate(CLI::App& group, CommandLine& line, const std::shared_ptr<AppOptions>& options) {
  auto* rotate = group.add_subcommand("rotate-secret", "Makes a new secret; the old one fades");
  rotate->add_option("app", options->id, "App id")->required();
  rotate->add_option("--keep-old-hours", options->keep_old_hours, "How long the old one works on")
      ->capture_default_str()
      ->check(CLI::Range(0, 24 * 365));
  rotate->callback([&line, options] {
    line.action = [&line, options] {
      return run_remote(
          line,
          {"app.rotate-secret",
           {{"app", options->id}, {"keepOldMs", options->keep_old_hours * 3'600'000}}},
          print_rotated);
    };
  });
}

}  // namespace

void add_app_commands(CLI::App& root, CommandLine& line) {
  auto options = std::make_shared<AppOptions>();  // shared by the callbacks, which CLI copies
  auto* group = root.add_subcommand("app", "Apps that send and receive")->require_subcommand(1);
  group->fallthrough();
  add_create(*group, line, options);
  auto* list = group->add_subcommand("list", "All apps");
  list->callback([&line] {
    line.action = [&line] { return run_remote(line, {"app.list", Json::object()}, print_apps); };
  });
  auto* show = group->add_subcommand("show", "One app");
  show->add_option("app", options->id, "App id")->required();
  show->callback([&line, options] {
    line.action = [&line, options] {
      return run_remote(line, {"app.show", {{"app", options->id}}}, print_app);
    };
  });
  add_rotate(*group, line, options);
}

}  // namespace longwire::daemon
