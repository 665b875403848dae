#pragma once

// AddressLimiter: how often an address may do something: a token bucket each. The table is
// bounded: when it is full, addresses whose bucket is full again are forgotten; when that does not
// help, newcomers share one bucket, so that a crowd of strangers cannot push out whom we know.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"

namespace longwire::http {

struct AddressRate {
  double per_minute = 60;  // refilled; the bucket holds one minute's worth
  std::size_t addresses_max = 50'000;
};

// Thread-safe: shared by the loops of a front.
class AddressLimiter final {
 public:
  explicit AddressLimiter(AddressRate rate) : rate_(rate) {}

  // kResourceExhausted with the time until the next token. IPv6 addresses count by their /64.
  Status take(std::string_view ip, MonotonicTime now);
  // Whether take() would be refused; takes nothing.
  Status peek(std::string_view ip, MonotonicTime now);

 private:
  struct Bucket {
    double tokens = 0;
    MonotonicTime filled{};
  };
  struct Table {
    std::unordered_map<std::string, Bucket> buckets;
    Bucket strangers{-1, {}};
    MonotonicTime swept{};
  };

  Bucket& bucket_of(Table& table, std::string_view ip, MonotonicTime now) const;
  void refill(Bucket& bucket, MonotonicTime now) const;
  void sweep(Table& table, MonotonicTime now) const;
  Status spend(Bucket& bucket, double tokens) const;

  const AddressRate rate_;
  Guarded<Table> table_;
};

// What an address is counted under: IPv4 as it is, IPv6 its first 64 bits.
std::string address_key(std::string_view ip);

}  // namespace longwire::http
