#pragma once

// AppTable: every app, in memory: they are few. Secrets are kept as hashes and found by them.

#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "middle/model/registry.h"

namespace longwire::middle {

// Loop-bound. Pointers are good until the next put().
class AppTable final {
 public:
  void put(App app);
  const App* find(const AppId& id) const;
  // The app whose secret it is, and still is at `now`.
  const App* find_by_secret(std::string_view secret, Timestamp now) const;
  // Compares in constant time.
  const App* find_by_key(const AppId& id, const AppKey& key) const;
  std::vector<App> list() const;

 private:
  std::unordered_map<AppId, App> apps_;
  std::unordered_map<Bytes, AppId> by_secret_;  // by SHA-256
};

// A new app with a secret that is nowhere else; `taken` ids are avoided.
struct NewApp {
  App app;
  std::string secret;
};
NewApp make_app(std::string name, PackageName package, Timestamp now, const AppTable& taken,
                Random& random);
// A new secret in front; the older ones end at `old_until`, those that ended are dropped.
std::string rotate(App& app, Timestamp now, Timestamp old_until, Random& random);

}  // namespace longwire::middle
