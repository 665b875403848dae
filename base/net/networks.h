#pragma once

// Networks: sets of addresses as operators write them, "10.0.0.0/8", "fd00::/8", "127.0.0.1".

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace longwire::net {

// A value. Immutable once made.
class Networks final {
 public:
  Networks() = default;  // none
  // kInvalidArgument names the one that is no network.
  static Result<Networks> parse(const std::vector<std::string>& texts);

  bool empty() const { return networks_.empty(); }
  // False also for what is no numeric address. An IPv4 address is none of an IPv6 network.
  bool contains(std::string_view ip) const;

 private:
  struct Network {
    int family = 0;
    std::array<std::uint8_t, 16> bytes{};
    std::size_t bits = 0;
  };

  std::vector<Network> networks_;
};

// One of them, as a check of configuration (ConfigKey::check).
Status check_network(const std::string& text);

}  // namespace longwire::net
