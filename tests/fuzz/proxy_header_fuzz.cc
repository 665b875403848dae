// What a TCP proxy, or who claims to be one, says first: a header or none, the same in pieces of
// any size, and never more than its limit.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/net/proxy_header.h"

namespace {

std::string read(std::string_view bytes, std::size_t size) {
  longwire::net::ProxyHeader header;
  std::size_t taken = 0;
  while (header.wants() > 0) {
    CHECK(taken + header.wants() <= longwire::net::kProxyHeaderBytesMax);
    const auto piece = bytes.substr(taken, std::min(size, header.wants()));
    if (piece.empty()) return "unfinished";
    if (!header.feed(piece).ok()) return "refused";
    taken += piece.size();
  }
  const auto client = header.client();
  return client ? client->to_string() : "the proxy";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = read(bytes, bytes.size());
  CHECK(read(bytes, 1) == whole);
  CHECK(read(bytes, 5) == whole);
  return 0;
}
