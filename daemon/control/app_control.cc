// Commands about apps: app.create, app.list, app.show, app.rotate-secret.

#include <chrono>
#include <utility>

#include "daemon/control/control_table.h"
#include "daemon/control/json_views.h"

namespace longwire::daemon {
namespace {

constexpr std::int64_t kKeepOldSecretMsDefault = 24 * 60 * 60 * 1000;

Result<Json> find_app(const std::vector<middle::App>& apps, const std::string& id) {
  for (const middle::App& app : apps) {
    if (app.id.value() == id) return app_json(app);
  }
  return Error{ErrorCode::kNotFound, "there is no app " + id};
}

void create_app(middle::Service& service, const Json& params, Callback<Json> done) {
  service.create_app(params.at("name").get<std::string>(),
                     middle::PackageName(params.at("package").get<std::string>()),
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
