#pragma once

// PROXY headers, version 2, as a proxy writes them.

#include <cstdint>

#include "base/bytes.h"

namespace longwire::net {

inline const Bytes kProxySignature{"\r\n\r\n\0\r\nQUIT\n", 12};

inline Bytes proxy_header(std::uint8_t command, std::uint8_t family, const Bytes& rest) {
  return ByteWriter()
      .raw(kProxySignature)
      .u8(command)
      .u8(family)
      .u16(static_cast<std::uint16_t>(rest.size()))
      .raw(rest)
      .bytes();
}
// For a client at 203.0.113.9:4711; `more` follows the addresses.
inline Bytes proxy_header4(const Bytes& more = {}) {
  return proxy_header(0x21, 0x11,
                      ByteWriter()
                          .raw({"\xcb\x00\x71\x09\x7f\x00\x00\x01", 8})
                          .u16(4711)
                          .u16(5223)
                          .raw(more)
                          .bytes());
}

}  // namespace longwire::net
