// The XML stream before login: whatever comes, in whatever pieces, no crash, bounded, and the same
// pieces out however the bytes were cut.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "xmpp/protocol/stream_reader.h"

namespace {

using longwire::xmpp::Piece;
using longwire::xmpp::PieceLimits;
using longwire::xmpp::StreamReader;
using longwire::xmpp::XmlEngine;

std::vector<Piece> read_all(std::string_view bytes, std::size_t cut) {
  static XmlEngine engine;
  StreamReader reader(engine);
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += cut) {
    reader.feed(bytes.substr(at, cut));
    while (true) {
      const Piece piece = reader.next(PieceLimits{});
      if (piece == Piece::kNone) break;
      pieces.push_back(piece);
      if (piece == Piece::kEnd || piece == Piece::kError) return pieces;
    }
  }
  return pieces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(bytes, std::max<std::size_t>(size, 1));
  CHECK(whole == read_all(bytes, 1));
  CHECK(whole == read_all(bytes, 7));
  return 0;
}
