#include "http_front/auth/recent_secrets.h"

namespace longwire::http {

void RecentSecrets::note_good(const Bytes& key, MonotonicTime now) {
  auto table = table_.lock();
  if (table->size() >= secrets_max_ && table->count(key) == 0) {
    for (auto entry = table->begin(); entry != table->end();) {
      entry = now - entry->second >= kRecentSecretTime ? table->erase(entry) : ++entry;
    }
    if (table->size() >= secrets_max_) return;
  }
  (*table)[key] = now;
}

void RecentSecrets::forget(const Bytes& key) { table_.lock()->erase(key); }

bool RecentSecrets::was_good(const Bytes& key, MonotonicTime now) const {
  const auto table = table_.lock();
  const auto found = table->find(key);
  return found != table->end() && now - found->second < kRecentSecretTime;
}

}  // namespace longwire::http
