#include "middle/registry/app_table.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/hash.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kSecretBytes = 24;
constexpr std::size_t kSecretsMax = 4;  // of one app: a rotation forgets older ones

std::string digits(std::size_t count, Random& random) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text.push_back(static_cast<char>('0' + static_cast<int>(random.below(10))));
  return text;
}

}  // namespace

void AppTable::put(App app) {
  if (const App* old = find(app.id); old != nullptr) {
    for (const AppSecretHash& secret : old->secrets) by_secret_.erase(secret.sha256);
  }
  for (const AppSecretHash& secret : app.secrets) by_secret_.emplace(secret.sha256, app.id);
  AppId id = app.id;
  apps_.insert_or_assign(std::move(id), std::move(app));
}

const App* AppTable::find(const AppId& id) const {
  auto found = apps_.find(id);
  return found == apps_.end() ? nullptr : &found->second;
}

const App* AppTable::find_by_secret(std::string_view secret, Timestamp now) const {
  // What is compared byte by byte is a hash: its time tells nothing about the secret.
  const Bytes hash = sha256(secret);
  auto found = by_secret_.find(hash);
  if (found == by_secret_.end()) return nullptr;
  const App* app = find(found->second);
  const bool valid =
      std::any_of(app->secrets.begin(), app->secrets.end(), [&](const AppSecretHash& s) {
        return constant_time_equal(s.sha256, hash) && (!s.valid_until || now < *s.valid_until);
      });
  return valid ? app : nullptr;
}

const App* AppTable::find_by_key(const AppId& id, const AppKey& key) const {
  const App* app = find(id);
  if (app == nullptr || !constant_time_equal(app->key.value(), key.value())) return nullptr;
  return app;
}

std::vector<App> AppTable::list() const {
  std::vector<App> apps;
  for (const auto& [id, app] : apps_) apps.push_back(app);
  std::sort(apps.begin(), apps.end(), [](const App& a, const App& b) { return a.id < b.id; });
  return apps;
}

NewApp make_app(std::string name, PackageName package, Timestamp now, const AppTable& taken,
                Random& random) {
  NewApp made;
  do {
    made.app.id = AppId("28823" + digits(14, random));
  } while (taken.find(made.app.id) != nullptr);
  made.app.key = AppKey("5" + digits(15, random));
  made.app.name = std::move(name);
  made.app.packages.push_back(std::move(package));
  made.app.created = now;
  made.secret = rotate(made.app, now, now, random);
  return made;
}

std::string rotate(App& app, Timestamp now, Timestamp old_until, Random& random) {
  std::string secret = base64url_encode(random.bytes(kSecretBytes));
  auto& secrets = app.secrets;
  for (AppSecretHash& old : secrets) {
    if (!old.valid_until || old_until < *old.valid_until) old.valid_until = old_until;
  }
  secrets.erase(std::remove_if(secrets.begin(), secrets.end(),
                               [now](const AppSecretHash& s) { return *s.valid_until <= now; }),
                secrets.end());
  secrets.insert(secrets.begin(), AppSecretHash{sha256(secret), std::nullopt});
  if (secrets.size() > kSecretsMax) secrets.resize(kSecretsMax);
  return secret;
}

}  // namespace longwire::middle
