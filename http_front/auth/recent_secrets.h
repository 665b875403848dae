#pragma once

// RecentSecrets: which secrets were an app's a short while ago. A secret in use is looked up again
// even where its address is slowed for the wrong ones of others, so it goes on working there.

#include <chrono>
#include <cstddef>
#include <unordered_map>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/guarded.h"

namespace longwire::http {

inline constexpr std::chrono::minutes kRecentSecretTime{10};

// Thread-safe: shared by the loops of a front, as a client's next connection may be another's.
// Keys are hashes of secrets. A full table forgets the old; when that does not help, newcomers are
// not remembered.
class RecentSecrets final {
 public:
  explicit RecentSecrets(std::size_t secrets_max) : secrets_max_(secrets_max) {}

  void note_good(const Bytes& key, MonotonicTime now);
  void forget(const Bytes& key);
  bool was_good(const Bytes& key, MonotonicTime now) const;

 private:
  using Table = std::unordered_map<Bytes, MonotonicTime>;  // when it was good last

  const std::size_t secrets_max_;
  mutable Guarded<Table> table_;
};

}  // namespace longwire::http
