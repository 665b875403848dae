#pragma once

// SecretCache: which app a secret belongs to, remembered for some seconds, so that a stream of
// sends asks the middle once in a while and a rotated secret or removed app takes effect soon.
// Only found apps are kept, under the hash of the secret; who asks while an answer is on its way
// waits for it.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "http_front/auth/recent_secrets.h"
#include "middle/service.h"

namespace longwire::http {

struct SecretCacheLimits {
  std::chrono::milliseconds keep = std::chrono::seconds(3);
  std::size_t apps_max = 1'000;
  std::size_t lookups_max = 1'000;  // at once; beyond: kUnavailable
};

// Shared: a request that runs keeps its app while the cache replaces it.
using AppPtr = std::shared_ptr<const middle::App>;

// Loop-bound. The service is the loop's own and is destroyed before the cache.
class SecretCache final {
 public:
  // `recent` learns what the lookups find, and is shared with other caches.
  SecretCache(middle::Service& service, RecentSecrets& recent, const Clock& clock,
              SecretCacheLimits limits)
      : service_(service), recent_(recent), clock_(clock), limits_(limits) {}
  SecretCache(const SecretCache&) = delete;
  SecretCache& operator=(const SecretCache&) = delete;

  // kUnauthenticated: nobody's secret. `done` may be called at once.
  void find(std::string_view secret, Callback<AppPtr> done);
  // Whether it is remembered, or was an app's a short while ago.
  bool knows(std::string_view secret) const;

 private:
  struct Known {
    AppPtr app;
    MonotonicTime until{};
  };
  void finish(const Bytes& key, Result<middle::App> found);
  void remember(const Bytes& key, AppPtr app);

  middle::Service& service_;
  RecentSecrets& recent_;
  const Clock& clock_;
  const SecretCacheLimits limits_;
  std::unordered_map<Bytes, Known> known_;
  std::unordered_map<Bytes, std::vector<Callback<AppPtr>>> lookups_;
};

// The secret of "key=SECRET"; empty where the header has another form.
std::string_view secret_of_header(std::string_view authorization);

}  // namespace longwire::http
