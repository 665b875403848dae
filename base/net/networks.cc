#include "base/net/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace longwire::net {
namespace {

constexpr std::size_t kBits4 = 32;
constexpr std::size_t kBits6 = 128;

// The family of a numeric address, and its bytes.
std::optional<int> read_ip(std::string_view text, std::array<std::uint8_t, 16>& bytes) {
  const std::string ip(text);
  for (const int family : {AF_INET, AF_INET6})
    if (inet_pton(family, ip.c_str(), bytes.data()) == 1) return family;
  return std::nullopt;
}

bool same_start(const std::uint8_t* a, const std::uint8_t* b, std::size_t bits) {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  const auto mask = static_cast<std::uint8_t>(0xFF00U >> (bits % 8));
  return ((a[bits / 8 % 16] ^ b[bits / 8 % 16]) & mask) == 0;
}

}  // namespace

Result<Networks> Networks::parse(const std::vector<std::string>& texts) {
  Networks out;
  for (const std::string& text : texts) {
    const Error wrong{ErrorCode::kInvalidArgument,
                      "\"" + text + "\" is no network; wants one such as 10.0.0.0/8 or fd00::/8"};
    const std::string_view all(text);
    const std::size_t slash = all.find('/');
    Network network;
    const auto family = read_ip(all.substr(0, slash), network.bytes);
    if (!family) return wrong;
    network.family = *family;
    const std::size_t bits_max = *family == AF_INET ? kBits4 : kBits6;
    network.bits = bits_max;
    if (slash != std::string_view::npos) {
      const std::string_view digits = all.substr(slash + 1);
      const char* end = digits.data() + digits.size();
      const auto read = std::from_chars(digits.data(), end, network.bits);
      if (read.ec != std::errc() || read.ptr != end || network.bits > bits_max) return wrong;
    }
    out.networks_.push_back(network);
  }
  return out;
}

bool Networks::contains(std::string_view ip) const {
  std::array<std::uint8_t, 16> bytes{};
  const auto family = read_ip(ip, bytes);
  if (!family) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return network.family == *family &&
           same_start(network.bytes.data(), bytes.data(), network.bits);
  });
}

Status check_network(const std::string& text) {
  const auto network = Networks::parse({text});
  return network.ok() ? Status() : Status(network.error());
}

}  // namespace longwire::net
