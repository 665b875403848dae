#pragma once

// StreamReader: one connection's incoming stream: bytes in, header, stanzas and end out, one at a
// time and on demand, so that its owner can stop in the middle (a login under way, TLS to start).
// Idle it holds nothing but its place.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "xmpp/protocol/framer.h"
#include "xmpp/protocol/xml_engine.h"

namespace longwire::xmpp {

// Loop-bound.
class StreamReader final {
 public:
  explicit StreamReader(XmlEngine& engine) : engine_(&engine) {}

  // Gives the next bytes; those of the last call must have been used up (next() said kNone) or held
  // (hold()). The view must outlive the calls of next().
  void feed(std::string_view bytes);
  // kHeader: header() is filled. kStanza: element() is valid until the next call. kError: error().
  Piece next(const PieceLimits& limits);
  // Keeps what was fed and not yet used; the next feed goes on with it.
  void hold();
  bool holds_input() const { return held_ != nullptr; }

  const StreamHeader& header() const { return *header_; }
  // Forgets the header's texts, not its namespaces: nobody asks after the start.
  void drop_header() { header_.reset(); }
  Element element() const { return engine_->document().root(); }
  StreamError error() const { return error_; }

  // A new stream begins on the same connection (after TLS, after SASL). `drop_input`: bytes that
  // came already are not part of it.
  void restart(bool drop_input);
  // All input not yet used, partial pieces included, and the place: for another loop's reader.
  struct Moved {
    Framer framer;
    std::string context;
    std::string partial;
    std::string rest;
  };
  Moved move_out();
  void move_in(Moved moved);

 private:
  Piece finished(Piece piece, std::string_view bytes);

  XmlEngine* engine_;
  Framer framer_;
  StreamError error_ = StreamError::kNone;
  std::string_view input_;
  std::string partial_;                   // of a piece whose end has not come
  std::unique_ptr<std::string> held_;     // input not yet used
  std::unique_ptr<std::string> context_;  // null: the common header
  std::unique_ptr<StreamHeader> header_;
};

}  // namespace longwire::xmpp
