#include "http_front/auth/address_limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/encoding.h"

namespace longwire::http {

std::string address_key(std::string_view ip) {
  std::string text(ip);
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return hex_encode(BytesView(bytes.data(), 8));
}

Status AddressLimiter::take(std::string_view ip, MonotonicTime now) {
  auto table = table_.lock();
  return spend(bucket_of(*table, ip, now), 1);
}

Status AddressLimiter::peek(std::string_view ip, MonotonicTime now) {
  auto table = table_.lock();
  const auto found = table->buckets.find(address_key(ip));
  if (found == table->buckets.end()) return {};
  refill(found->second, now);
  return spend(found->second, 0);
}

AddressLimiter::Bucket& AddressLimiter::bucket_of(Table& table, std::string_view ip,
                                                  MonotonicTime now) const {
  std::string key = address_key(ip);
  auto found = table.buckets.find(key);
  if (found == table.buckets.end()) {
    // Looking through all of a full table is for once a second at most.
    if (table.buckets.size() >= rate_.addresses_max &&
        now - table.swept >= std::chrono::seconds(1)) {
      sweep(table, now);
    }
    if (table.buckets.size() >= rate_.addresses_max) {
      if (table.strangers.tokens < 0) table.strangers = {rate_.per_minute, now};
      refill(table.strangers, now);
      return table.strangers;
    }
    found = table.buckets.emplace(std::move(key), Bucket{rate_.per_minute, now}).first;
  }
  refill(found->second, now);
  return found->second;
}

void AddressLimiter::refill(Bucket& bucket, MonotonicTime now) const {
  const std::chrono::duration<double> passed = now - bucket.filled;
  bucket.tokens =
      std::min(rate_.per_minute, bucket.tokens + passed.count() * rate_.per_minute / 60);
  bucket.filled = now;
}

void AddressLimiter::sweep(Table& table, MonotonicTime now) const {
  table.swept = now;
  for (auto entry = table.buckets.begin(); entry != table.buckets.end();) {
    refill(entry->second, now);
    entry = entry->second.tokens >= rate_.per_minute ? table.buckets.erase(entry) : ++entry;
  }
}

Status AddressLimiter::spend(Bucket& bucket, double tokens) const {
  if (bucket.tokens < 1) {
    const double seconds = (1 - bucket.tokens) * 60 / rate_.per_minute;
    return Error{ErrorCode::kResourceExhausted, "too many from this address",
                 std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)))};
  }
  bucket.tokens -= tokens;
  return {};
}

}  // namespace longwire::http
