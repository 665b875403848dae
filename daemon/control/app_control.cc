// Commands about apps: app.create, app.list, app.show, app.rotate-secret.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "daemon/control/control_table.h"
#include "daemon/control/json_views.h"

namespace longwire::daemon {
namespace {

constexpr std::int64_t kKeepOldSecretMsDefault = 24 * 60 * 60 * 1000;
constexpr std::size_t kPackageBytesMax = 255;
constexpr std::size_t kNameCharactersMax = 255;

Result<Json> find_app(const std::vector<middle::App>& apps, const std::string& id) {
  for (const middle::App& app : apps) {
    if (app.id.value() == id) return app_json(app);
  }
  return Error{ErrorCode::kNotFound, "there is no app " + id};
}

bool is_package_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

// The comma above all is not for packages: restricted_package_name is a list.
Status check_package(const std::string& package) {
  const bool fits = !package.empty() && package.size() <= kPackageBytesMax;
  if (fits && std::all_of(package.begin(), package.end(), is_package_character)) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("\"{:.100}\" cannot be a package: 1 to {} of A-Z a-z 0-9 _ . -", package,
                           kPackageBytesMax)};
}

// It is UTF-8: a frame of anything else is refused.
Status check_name(const std::string& name) {
  if (count_characters(name) <= kNameCharactersMax) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("an app's name has at most {} characters", kNameCharactersMax)};
}

void create_app(middle::Service& service, const Json& params, Callback<Json> done) {
  auto name = params.at("name").get<std::string>();
  auto package = params.at("package").get<std::string>();
  if (Status fits = check_package(package); !fits.ok()) return done(fits.error());
  if (Status fits = check_name(name); !fits.ok()) return done(fits.error());
  service.create_app(std::move(name), middle::PackageName(std::move(package)),
                     answer_with<middle::CreatedApp>(std::move(done), created_app_json));
}

void list_apps(middle::Service& service, Callback<Json> done) {
  service.list_apps(answer_with<std::vector<middle::App>>(std::move(done),
                                                          [](const std::vector<middle::App>& apps) {
                                                            Json list = Json::array();
                                                            for (const middle::App& app : apps)
                                                              list.push_back(app_json(app));
                                                            return list;
                                                          }));
}

void show_app(middle::Service& service, const Json& params, Callback<Json> done) {
  auto id = params.at("app").get<std::string>();
  service.list_apps(
      [id = std::move(id), done = std::move(done)](Result<std::vector<middle::App>> apps) mutable {
        done(apps.ok() ? find_app(*apps, id) : Result<Json>(apps.error()));
      });
}

void rotate_secret(middle::Service& service, const Json& params, Callback<Json> done) {
  auto id = params.at("app").get<std::string>();
  const std::int64_t keep_ms = params.value("keepOldMs", kKeepOldSecretMsDefault);
  auto view = [id, keep_ms](const std::string& secret) {
    return Json{{"appId", id}, {"appSecret", secret}, {"oldSecretKeptMs", keep_ms}};
  };
  service.rotate_secret(middle::AppId(id), std::chrono::milliseconds(keep_ms),
                        answer_with<std::string>(std::move(done), std::move(view)));
}

}  // namespace

void add_app_control(ControlTable& table, middle::Service& service) {
  table.add("app.create", [&service](const Json& params, Callback<Json> done) {
    create_app(service, params, std::move(done));
  });
  table.add("app.list",
            [&service](const Json&, Callback<Json> done) { list_apps(service, std::move(done)); });
  table.add("app.show", [&service](const Json& params, Callback<Json> done) {
    show_app(service, params, std::move(done));
  });
  table.add("app.rotate-secret", [&service](const Json& params, Callback<Json> done) {
    rotate_secret(service, params, std::move(done));
  });
}

}  // namespace longwire::daemon
