#pragma once

// ProxyHeader: what a TCP proxy says first about the client behind it: the PROXY protocol, version
// 2 (haproxy.org, proxy-protocol.txt, section 2.2). Bytes in, an address out; no I/O.
//
//   12 bytes   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A
//   1 byte     0x20 LOCAL: the proxy speaks for itself; 0x21 PROXY: for a client
//   1 byte     0x11 TCP over IPv4, 0x21 TCP over IPv6, 0x00 not told
//   2 bytes    the length of what follows, big-endian
//   12 or 36   addresses of client and server, then their ports
//   the rest   more about the connection, passed over

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/net/address.h"
#include "base/result.h"

namespace longwire::net {

// The longest header that is read. A fault here is a proxy's, so one that sends more is refused.
inline constexpr std::size_t kProxyHeaderBytesMax = 536;

// Takes a header in pieces of any size, never a byte behind it. Not thread-safe.
class ProxyHeader final {
 public:
  // How many bytes the next feed() may bring at most; 0: the header is complete.
  std::size_t wants() const;
  // kCorrupt: these begin no header. kUnsupported: another version, or no TCP. kResourceExhausted:
  // too long. It is of no further use then.
  Status feed(BytesView bytes);
  // Once it is complete: the client; nothing where the proxy's own address is the one to take.
  std::optional<Address> client() const;

 private:
  Status check_start() const;
  Status check_fixed() const;
  std::size_t length() const;

  Bytes bytes_;
};

}  // namespace longwire::net
