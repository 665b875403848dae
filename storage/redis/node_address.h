#pragma once

// Addresses as the nodes of a cluster give them. Private to this folder.

#include <cstdint>
#include <optional>
#include <string>

#include "base/net/address.h"

namespace longwire::storage::redis {

// Nothing where `ip` is not a numeric address: names would be looked up on the event loop.
std::optional<net::Address> numeric_address(const std::string& ip, std::uint16_t port);

inline bool same_address(const net::Address& a, const net::Address& b) {
  return a.port == b.port && a.ip == b.ip;
}

}  // namespace longwire::storage::redis
