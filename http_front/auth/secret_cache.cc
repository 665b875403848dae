#include "http_front/auth/secret_cache.h"

#include <utility>

#include "base/hash.h"

namespace longwire::http {

std::string_view secret_of_header(std::string_view authorization) {
  constexpr std::string_view kPrefix = "key=";
  constexpr std::size_t kSecretBytesMax = 256;
  if (authorization.substr(0, kPrefix.size()) != kPrefix) return {};
  authorization.remove_prefix(kPrefix.size());
  return authorization.size() > kSecretBytesMax ? std::string_view() : authorization;
}

void SecretCache::find(std::string_view secret, Callback<AppPtr> done) {
  Bytes key = sha256(secret);
  if (const auto known = known_.find(key); known != known_.end()) {
    if (clock_.monotonic() < known->second.until) {
      done(known->second.app);
      return;
    }
    known_.erase(known);
  }
  if (const auto lookup = lookups_.find(key); lookup != lookups_.end()) {
    lookup->second.push_back(std::move(done));
    return;
  }
  if (lookups_.size() >= limits_.lookups_max) {
    done(Error{ErrorCode::kUnavailable, "too many secrets are being looked up",
               std::chrono::seconds(1)});
    return;
  }
  lookups_[key].push_back(std::move(done));
  service_.find_app_by_secret(std::string(secret), [this, key](Result<middle::App> found) {
    finish(key, std::move(found));
  });
}

bool SecretCache::knows(std::string_view secret) const {
  const Bytes key = sha256(secret);
  const MonotonicTime now = clock_.monotonic();
  const auto known = known_.find(key);
  return (known != known_.end() && now < known->second.until) || recent_.was_good(key, now);
}

void SecretCache::finish(const Bytes& key, Result<middle::App> found) {
  const auto lookup = lookups_.find(key);
  std::vector<Callback<AppPtr>> waiting = std::move(lookup->second);
  lookups_.erase(lookup);
  if (!found) {
    if (found.error().code == ErrorCode::kUnauthenticated) recent_.forget(key);
    for (auto& done : waiting) done(found.error());
    return;
  }
  const auto app = std::make_shared<const middle::App>(std::move(found).value());
  remember(key, app);
  for (auto& done : waiting) done(app);
}

void SecretCache::remember(const Bytes& key, AppPtr app) {
  const MonotonicTime now = clock_.monotonic();
  recent_.note_good(key, now);
  if (known_.size() >= limits_.apps_max) {
    for (auto entry = known_.begin(); entry != known_.end();) {
      entry = entry->second.until <= now ? known_.erase(entry) : ++entry;
    }
  }
  if (known_.size() < limits_.apps_max) known_[key] = {std::move(app), now + limits_.keep};
}

}  // namespace longwire::http
