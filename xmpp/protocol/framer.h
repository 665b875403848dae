#pragma once

// Framer: finds where a stream's pieces (header, stanzas, end) begin and end, byte by byte, before
// any XML parser sees them; and holds every limit while doing so, so that what is too large, too
// deep or not allowed in XMPP is refused at the byte that makes it so. So is an end tag that does
// not belong to its start tag: the piece it spoils would end much later or never, and swallow
// what follows. What it lets through is not yet known to be well-formed: the parser decides that,
// on whole pieces.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "xmpp/protocol/errors.h"

namespace longwire::xmpp {

// Of one piece (header or stanza); small before login, larger after.
struct PieceLimits {
  std::uint32_t bytes = 10'000;
  std::uint16_t depth = 32;
  std::uint32_t elements = 64;
  std::uint16_t attributes = 32;  // of one element
};

enum class Piece : std::uint8_t { kNone, kHeader, kStanza, kEnd, kError };

// A value of a few bytes; one per connection. Loop-bound.
class Framer final {
 public:
  // Reads on from `position`. kNone: all of `data` was read and the piece goes on (or none began);
  // otherwise `position` is behind the piece's last byte. After kEnd or kError nothing follows.
  Piece scan(std::string_view data, std::size_t& position, const PieceLimits& limits);
  // True while no byte of a piece has been read: white space between stanzas belongs to none.
  bool between_pieces() const { return bytes_ == 0; }
  StreamError error() const { return error_; }

 private:
  enum class State : std::uint8_t {
    kText,
    kTagOpen,        // behind '<'
    kStartName,      // in a start tag's name
    kStartTag,       // in a start tag, outside quotes
    kStartTagSlash,  // behind '/' in a start tag
    kSingleQuoted,
    kDoubleQuoted,
    kEndName,  // in an end tag's name
    kEndTag,   // behind it
    kBang,     // behind "<!": only "[CDATA[" may follow
    kCdata,    // inside it
    kCdataEnd1,
    kCdataEnd2,
    kDeclaration,     // behind "<?" before the header
    kDeclarationEnd,  // behind '?' in it
  };

  // The next state's work for one byte; kNone to go on.
  Piece step(char c, const PieceLimits& limits);
  Piece step_text(char c);
  Piece step_tag_open(char c, const PieceLimits& limits);
  Piece step_start_name(char c, const PieceLimits& limits);
  Piece step_start_tag(char c, const PieceLimits& limits);
  Piece step_end_name(char c);
  Piece start_tag_ended(bool empty_element);
  Piece end_tag_ended();
  Piece fail(StreamError error);
  std::size_t skip_plain(std::string_view data, std::size_t position) const;
  void hash_name(char c) { name_ = static_cast<std::uint16_t>((name_ * 31U) ^ std::uint8_t(c)); }

  // The outer elements' names are known by their hashes; what is nested deeper is the parser's.
  static constexpr std::size_t kNamedDepth = 8;

  State state_ = State::kText;
  StreamError error_ = StreamError::kNone;
  std::uint8_t matched_ = 0;  // of "[CDATA["
  bool header_seen_ = false;
  std::uint16_t depth_ = 0;
  std::uint16_t attributes_ = 0;
  std::uint16_t name_ = 0;                               // of the tag that is read
  std::array<std::uint16_t, kNamedDepth> open_names_{};  // of the open elements, the stream first
  std::uint32_t elements_ = 0;
  std::uint32_t bytes_ = 0;
};

}  // namespace longwire::xmpp
