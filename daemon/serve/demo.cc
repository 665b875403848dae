#include "daemon/serve/demo.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "xmpp/sasl/scram.h"

namespace longwire::daemon {
namespace {

using Json = nlohmann::json;

constexpr char kPackage[] = "org.longwire.demo";
constexpr char kUser[] = "demo";
constexpr std::size_t kPasswordBytes = 12;

std::optional<DemoCredentials> read_demo(const DataPaths& paths) {
  const auto text = read_file(paths.demo());
  if (!text.ok()) return std::nullopt;
  const Json document = Json::parse(*text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  return DemoCredentials{document.value("appId", ""),     document.value("appKey", ""),
                         document.value("appSecret", ""), document.value("package", ""),
                         document.value("user", ""),      document.value("password", "")};
}

Status write_demo(const DataPaths& paths, const DemoCredentials& demo) {
  const nlohmann::ordered_json document = {
      {"appId", demo.app_id},    {"appKey", demo.app_key}, {"appSecret", demo.app_secret},
      {"package", demo.package}, {"user", demo.user},      {"password", demo.password}};
  return write_file(paths.demo(), document.dump(2) + "\n", 0600);
}

DemoCredentials new_demo(Random& random) {
  DemoCredentials demo;
  demo.package = kPackage;
  demo.user = kUser;
  demo.password = base64url_encode(random.bytes(kPasswordBytes));
  return demo;
}

bool is_password(const middle::ScramKeys& stored, const std::string& password) {
  const auto derived =
      xmpp::derive_scram_keys(xmpp::ScramHash::kSha256, password, stored.salt, stored.iterations);
  return derived.stored_key == stored.stored_key;
}

using Answer = std::optional<DemoCredentials>;

// The steps one after the other; keeps itself alive by the callbacks it hands out.
class Maker final : public std::enable_shared_from_this<Maker> {
 public:
  Maker(middle::Service& service, DataPaths paths, Random& random, Callback<Answer> done)
      : service_(service),
        paths_(std::move(paths)),
        random_(random),
        demo_(new_demo(random)),
        done_(std::move(done)) {}

  void run() {
    auto kept = read_demo(paths_);
    if (!kept) return look_for_apps();
    demo_ = std::move(*kept);
    service_.find_app_by_key(middle::AppId(demo_.app_id), middle::AppKey(demo_.app_key),
                             [self = shared_from_this()](const Result<middle::App>& app) {
                               if (app.ok()) return self->check_secret();
                               // Another storage than the one it was made in?
                               if (app.error().code == ErrorCode::kUnauthenticated)
                                 return self->begin_anew();
                               self->done_(app.error());
                             });
  }

 private:
  // What was changed since the file was written is left out of what it says.
  void check_secret() {
    service_.find_app_by_secret(
        demo_.app_secret, [self = shared_from_this()](const Result<middle::App>& app) {
          if (!app.ok() && app.error().code != ErrorCode::kUnauthenticated) {
            return self->done_(app.error());
          }
          if (!app.ok()) self->demo_.app_secret.clear();
          self->check_password();
        });
  }

  void check_password() {
    service_.credentials(middle::XmppAccount(demo_.user),
                         [self = shared_from_this()](const Result<middle::Credentials>& stored) {
                           if (!stored.ok() && stored.error().code != ErrorCode::kNotFound) {
                             return self->done_(stored.error());
                           }
                           if (!stored.ok() || !is_password(stored->sha256, self->demo_.password)) {
                             self->demo_.password.clear();
                           }
                           self->done_(Answer(std::move(self->demo_)));
                         });
  }

  void begin_anew() {
    demo_ = new_demo(random_);
    look_for_apps();
  }

  // Somebody else's storage already: an app and a user nobody asked for stay away.
  void look_for_apps() {
    service_.list_apps([self = shared_from_this()](Result<std::vector<middle::App>> apps) {
      if (!apps.ok()) return self->done_(apps.error());
      if (!apps->empty()) return self->done_(Answer());
      self->look_for_users();
    });
  }

  void look_for_users() {
    using Users = std::vector<middle::XmppAccount>;
    service_.list_users({}, 1, [self = shared_from_this()](Result<Users> users) {
      if (!users.ok()) return self->done_(users.error());
      if (!users->empty()) return self->done_(Answer());
      self->make_app();
    });
  }

  void make_app() {
    service_.create_app("demo", middle::PackageName(kPackage),
                        [self = shared_from_this()](Result<middle::CreatedApp> created) {
                          if (!created.ok()) return self->done_(created.error());
                          self->demo_.app_id = created->app.id.value();
                          self->demo_.app_key = created->app.key.value();
                          self->demo_.app_secret = created->secret;
                          self->make_user();
                        });
  }

  void make_user() {
    service_.add_user(
        middle::XmppAccount(kUser), demo_.password,
        [self = shared_from_this()](Status added) { self->finish(std::move(added)); });
  }

  void finish(Status outcome) {
    if (outcome.ok()) outcome = write_demo(paths_, demo_);
    if (outcome.ok()) {
      done_(Answer(std::move(demo_)));
    } else {
      done_(outcome.error());
    }
  }

  middle::Service& service_;
  DataPaths paths_;
  Random& random_;
  DemoCredentials demo_;
  Callback<Answer> done_;
};

}  // namespace

void ensure_demo(middle::Service& service, const DataPaths& paths, Random& random,
                 Callback<std::optional<DemoCredentials>> done) {
  std::make_shared<Maker>(service, paths, random, std::move(done))->run();
}

}  // namespace longwire::daemon
