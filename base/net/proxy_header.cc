#include "base/net/proxy_header.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "base/net/socket_address.h"

namespace longwire::net {
namespace {

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kFixedBytes = 16;
constexpr std::size_t kCommandAt = 12;
constexpr std::size_t kFamilyAt = 13;
constexpr std::size_t kLengthAt = 14;

constexpr std::uint8_t kLocal = 0x20;
constexpr std::uint8_t kProxy = 0x21;
constexpr std::uint8_t kNotTold = 0x00;
constexpr std::uint8_t kTcp4 = 0x11;
constexpr std::uint8_t kTcp6 = 0x21;
constexpr std::size_t kAddresses4 = 12;
constexpr std::size_t kAddresses6 = 36;

std::uint8_t byte_at(BytesView bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

// `at`: where the addresses begin.
Address client4(BytesView bytes, std::size_t at) {
  SocketAddress address;
  auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
  in->sin_family = AF_INET;
  std::memcpy(&in->sin_addr, bytes.data() + at, 4);
  std::memcpy(&in->sin_port, bytes.data() + at + 8, 2);
  return from_socket_address(address.storage);
}

Address client6(BytesView bytes, std::size_t at) {
  SocketAddress address;
  auto* in = reinterpret_cast<sockaddr_in6*>(&address.storage);
  in->sin6_family = AF_INET6;
  std::memcpy(&in->sin6_addr, bytes.data() + at, 16);
  std::memcpy(&in->sin6_port, bytes.data() + at + 32, 2);
  return from_socket_address(address.storage);
}

}  // namespace

std::size_t ProxyHeader::length() const {
  return ByteReader(BytesView(bytes_).substr(kLengthAt)).u16();
}

std::size_t ProxyHeader::wants() const {
  if (bytes_.size() < kFixedBytes) return kFixedBytes - bytes_.size();
  return kFixedBytes + length() - bytes_.size();
}

Status ProxyHeader::feed(BytesView bytes) {
  CHECK(bytes.size() <= wants());
  const bool fixed_before = bytes_.size() >= kFixedBytes;
  bytes_.append(bytes);
  TRY(check_start());
  if (fixed_before || bytes_.size() < kFixedBytes) return {};
  return check_fixed();
}

// Told by the first byte that is another: a client that knows nothing of this waits for an answer.
Status ProxyHeader::check_start() const {
  const std::size_t size = std::min(bytes_.size(), kSignature.size());
  if (BytesView(bytes_).substr(0, size) == kSignature.substr(0, size)) return {};
  return Error{ErrorCode::kCorrupt, "no PROXY header"};
}

Status ProxyHeader::check_fixed() const {
  const std::uint8_t command = byte_at(bytes_, kCommandAt);
  const std::uint8_t family = byte_at(bytes_, kFamilyAt);
  if (length() > kProxyHeaderBytesMax - kFixedBytes)
    return Error{ErrorCode::kResourceExhausted, "the PROXY header is too long"};
  if (command == kLocal) return {};
  const bool known = family == kNotTold || family == kTcp4 || family == kTcp6;
  if (command != kProxy || !known)
    return Error{ErrorCode::kUnsupported, "a PROXY header of another kind"};
  if ((family == kTcp4 && length() < kAddresses4) || (family == kTcp6 && length() < kAddresses6))
    return Error{ErrorCode::kCorrupt, "a PROXY header without its addresses"};
  return {};
}

std::optional<Address> ProxyHeader::client() const {
  CHECK(wants() == 0);
  if (byte_at(bytes_, kCommandAt) == kLocal) return std::nullopt;
  const std::uint8_t family = byte_at(bytes_, kFamilyAt);
  if (family == kTcp4) return client4(bytes_, kFixedBytes);
  if (family == kTcp6) return client6(bytes_, kFixedBytes);
  return std::nullopt;
}

}  // namespace longwire::net
