#include "base/net/address.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "base/net/socket_address.h"

namespace longwire::net {
namespace {

constexpr std::string_view kUnix = "unix:";

std::optional<SocketAddress> unix_address(std::string_view path) {
  SocketAddress out;
  auto* local = reinterpret_cast<sockaddr_un*>(&out.storage);
  if (!path.starts_with('/') || path.size() >= sizeof local->sun_path) return std::nullopt;
  local->sun_family = AF_UNIX;
  path.copy(local->sun_path, path.size());
  out.size = sizeof(sockaddr_un);
  return out;
}

Error bad_address(std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("\"{}\" is no address; wants 127.0.0.1:5222, [::1]:5222 or :5222", text)};
}

}  // namespace

std::string Address::to_string() const {
  if (ip.starts_with(kUnix)) return ip;
  if (ip.find(':') != std::string::npos) return fmt::format("[{}]:{}", ip, port);
  return fmt::format("{}:{}", ip, port);
}

Result<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text);
  Address address;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size()) return bad_address(text);

  std::string_view ip = text.substr(0, colon);
  const bool brackets = ip.starts_with('[') && ip.ends_with(']');
  if (brackets) ip = ip.substr(1, ip.size() - 2);
  if (brackets != (ip.find(':') != std::string_view::npos)) return bad_address(text);
  address.ip = std::string(ip);
  if (!ip.empty() && !to_socket_address(address)) return bad_address(text);
  return address;
}

Result<Address> parse_peer(std::string_view text) {
  if (!text.starts_with(kUnix)) return parse_address(text);
  Address address{std::string(text), 0};
  if (to_socket_address(address)) return address;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("\"{}\" is no socket; wants unix:/path of at most 107 bytes", text)};
}

Status check_address(const std::string& text) {
  const auto address = parse_address(text);
  return address.ok() ? Status() : Status(address.error());
}

void Descriptor::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::optional<SocketAddress> to_socket_address(const Address& address) {
  if (address.ip.starts_with(kUnix)) return unix_address(address.ip.substr(kUnix.size()));
  SocketAddress out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (inet_pton(AF_INET, address.ip.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    out.size = sizeof(sockaddr_in);
    return out;
  }
  if (inet_pton(AF_INET6, address.ip.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    out.size = sizeof(sockaddr_in6);
    return out;
  }
  return std::nullopt;
}

Address from_socket_address(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_UNIX) return {std::string(kUnix), 0};
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
  } else {
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return {text, ntohs(v6.sin6_port)};
}

void set_stream_options(int descriptor) {
  // A dead peer is noticed without a timer of ours: unacknowledged data by the user timeout, an
  // idle line by keep-alive.
  const int on = 1;
  const int user_timeout_ms = 60'000;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
}

}  // namespace longwire::net
