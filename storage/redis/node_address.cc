#include "storage/redis/node_address.h"

namespace longwire::storage::redis {

std::optional<net::Address> numeric_address(const std::string& ip, std::uint16_t port) {
  auto address = net::parse_address(net::Address{ip, port}.to_string());
  if (!address.ok() || address->ip.empty() || port == 0) return std::nullopt;
  return std::move(*address);
}

}  // namespace longwire::storage::redis
