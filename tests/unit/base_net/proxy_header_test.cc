#include "base/net/proxy_header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/unit/base_net/proxy_bytes.h"

namespace longwire::net {
namespace {

// In pieces of `size`, none behind the header's end.
Status feed(ProxyHeader& header, BytesView bytes, std::size_t size = 1'000) {
  while (!bytes.empty() && header.wants() > 0) {
    const BytesView piece = bytes.substr(0, std::min(size, header.wants()));
    TRY(header.feed(piece));
    bytes.remove_prefix(piece.size());
  }
  return {};
}

ErrorCode refusal(BytesView bytes) {
  ProxyHeader header;
  const Status fed = feed(header, bytes);
  return fed.ok() ? ErrorCode::kInternal : fed.error().code;
}

std::string client_of(BytesView bytes, std::size_t size = 1'000) {
  ProxyHeader header;
  if (!feed(header, bytes, size).ok() || header.wants() != 0) return "none";
  const auto client = header.client();
  return client ? client->to_string() : "the proxy";
}

TEST(ProxyHeader, tells_a_client_of_either_family) {
  EXPECT_EQ(client_of(proxy_header4()), "203.0.113.9:4711");
  const Bytes six = ByteWriter()
                        .raw({"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16})
                        .raw(Bytes(16, '\0'))
                        .u16(4711)
                        .u16(5223)
                        .bytes();
  EXPECT_EQ(client_of(proxy_header(0x21, 0x21, six)), "[2001:db8::1]:4711");
}

TEST(ProxyHeader, shows_ipv4_in_ipv6_as_ipv4) {
  const Bytes mapped = ByteWriter()
                           .raw({"\0\0\0\0\0\0\0\0\0\0\xff\xff\xcb\x00\x71\x09", 16})
                           .raw(Bytes(16, '\0'))
                           .u16(1)
                           .u16(2)
                           .bytes();
  EXPECT_EQ(client_of(proxy_header(0x21, 0x21, mapped)), "203.0.113.9:1");
}

TEST(ProxyHeader, comes_in_pieces_and_passes_over_what_else_is_told) {
  const Bytes bytes = proxy_header4({"\x03\x00\x04pass", 7}) + "the client's own bytes";
  for (const std::size_t size : {1U, 2U, 7U, 15U, 16U, 17U, 100U})
    EXPECT_EQ(client_of(bytes, size), "203.0.113.9:4711") << size;
}

TEST(ProxyHeader, wants_no_byte_behind_its_end) {
  ProxyHeader header;
  EXPECT_EQ(header.wants(), 16u);
  ASSERT_TRUE(header.feed(proxy_header4().substr(0, 16)).ok());
  EXPECT_EQ(header.wants(), 12u);
}

TEST(ProxyHeader, of_a_proxy_s_own_connection_tells_nobody) {
  EXPECT_EQ(client_of(proxy_header(0x20, 0x00, "")), "the proxy");
  EXPECT_EQ(client_of(proxy_header(0x20, 0x11, Bytes(12, 'x'))), "the proxy");
  EXPECT_EQ(client_of(proxy_header(0x20, 0x99, Bytes(5, 'x'))), "the proxy");
  EXPECT_EQ(client_of(proxy_header(0x21, 0x00, "xyz")), "the proxy");
}

TEST(ProxyHeader, the_first_byte_that_is_another_is_enough) {
  EXPECT_EQ(refusal("\x16"), ErrorCode::kCorrupt);
  EXPECT_EQ(refusal("\r\n\r\nG"), ErrorCode::kCorrupt);
  EXPECT_EQ(refusal("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"), ErrorCode::kCorrupt);
  EXPECT_EQ(refusal("<?xml version='1.0'?>"), ErrorCode::kCorrupt);
}

TEST(ProxyHeader, of_another_version_command_or_transport_is_refused) {
  const Bytes addresses(36, 'x');
  EXPECT_EQ(refusal(proxy_header(0x11, 0x11, addresses)), ErrorCode::kUnsupported);
  EXPECT_EQ(refusal(proxy_header(0x22, 0x11, addresses)), ErrorCode::kUnsupported);
  EXPECT_EQ(refusal(proxy_header(0x21, 0x12, addresses)), ErrorCode::kUnsupported);
  EXPECT_EQ(refusal(proxy_header(0x21, 0x31, addresses)), ErrorCode::kUnsupported);
}

TEST(ProxyHeader, without_its_addresses_is_refused) {
  EXPECT_EQ(refusal(proxy_header(0x21, 0x11, Bytes(11, 'x'))), ErrorCode::kCorrupt);
  EXPECT_EQ(refusal(proxy_header(0x21, 0x21, Bytes(35, 'x'))), ErrorCode::kCorrupt);
}

TEST(ProxyHeader, has_536_bytes_at_most) {
  EXPECT_EQ(client_of(proxy_header4(Bytes(508, 'x'))), "203.0.113.9:4711");
  EXPECT_EQ(refusal(proxy_header4(Bytes(509, 'x'))), ErrorCode::kResourceExhausted);
  EXPECT_EQ(refusal(proxy_header(0x20, 0, Bytes(65'535, 'x'))), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace longwire::net
