#include "xmpp/protocol/framer.h"

namespace longwire::xmpp {
namespace {

constexpr std::string_view kCdataOpening = "[CDATA[";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

Piece Framer::fail(StreamError error) {
  error_ = error;
  return Piece::kError;
}

// Runs of plain text and attribute values are most of the bytes: one search passes them.
std::size_t Framer::skip_plain(std::string_view data, std::size_t position) const {
  char wanted = 0;
  if (state_ == State::kText && depth_ > 1) wanted = '<';
  if (state_ == State::kSingleQuoted) wanted = '\'';
  if (state_ == State::kDoubleQuoted) wanted = '"';
  if (state_ == State::kCdata) wanted = ']';
  if (wanted == 0) return 0;
  const std::size_t found = data.find(wanted, position);
  return (found == std::string_view::npos ? data.size() : found) - position;
}

Piece Framer::scan(std::string_view data, std::size_t& position, const PieceLimits& limits) {
  while (position < data.size()) {
    const std::size_t plain = skip_plain(data, position);
    if (plain > limits.bytes - bytes_) return fail(StreamError::kPolicyViolation);
    position += plain;
    bytes_ += static_cast<std::uint32_t>(plain);
    if (position == data.size()) return Piece::kNone;

    const Piece piece = step(data[position], limits);
    ++position;
    if (piece == Piece::kError) return piece;
    const bool outside = state_ == State::kText && depth_ <= 1;
    if (!outside || piece != Piece::kNone) {
      if (++bytes_ > limits.bytes) return fail(StreamError::kPolicyViolation);
    }
    if (piece == Piece::kNone) continue;
    bytes_ = 0;
    elements_ = 0;
    return piece;
  }
  return Piece::kNone;
}

Piece Framer::step(char c, const PieceLimits& limits) {
  switch (state_) {
    case State::kText:
      return step_text(c);
    case State::kTagOpen:
      return step_tag_open(c, limits);
    case State::kStartName:
      return step_start_name(c, limits);
    case State::kStartTag:
      return step_start_tag(c, limits);
    case State::kStartTagSlash:
      if (c != '>') return fail(StreamError::kNotWellFormed);
      return start_tag_ended(true);
    case State::kSingleQuoted:
    case State::kDoubleQuoted:
      // Only the closing quote gets here: what stands before it was skipped.
      state_ = State::kStartTag;
      return Piece::kNone;
    case State::kEndName:
      return step_end_name(c);
    case State::kEndTag:
      if (c == '>') return end_tag_ended();
      return is_space(c) ? Piece::kNone : fail(StreamError::kNotWellFormed);
    case State::kBang:
      if (c != kCdataOpening[matched_]) return fail(StreamError::kRestrictedXml);
      if (++matched_ == kCdataOpening.size()) state_ = State::kCdata;
      return Piece::kNone;
    case State::kCdata:
      if (c == ']') state_ = State::kCdataEnd1;
      return Piece::kNone;
    case State::kCdataEnd1:
      state_ = c == ']' ? State::kCdataEnd2 : State::kCdata;
      return Piece::kNone;
    case State::kCdataEnd2:
      if (c != ']') state_ = c == '>' ? State::kText : State::kCdata;
      return Piece::kNone;
    case State::kDeclaration:
      if (c == '?') state_ = State::kDeclarationEnd;
      return Piece::kNone;
    case State::kDeclarationEnd:
      if (c != '?') state_ = c == '>' ? State::kText : State::kDeclaration;
      return Piece::kNone;
  }
  return Piece::kNone;
}

Piece Framer::step_text(char c) {
  if (c == '<') {
    state_ = State::kTagOpen;
    return Piece::kNone;
  }
  if (depth_ > 1 || is_space(c)) return Piece::kNone;
  return fail(header_seen_ ? StreamError::kBadFormat : StreamError::kNotWellFormed);
}

Piece Framer::step_tag_open(char c, const PieceLimits& limits) {
  if (c == '/') {
    if (depth_ == 0) return fail(StreamError::kNotWellFormed);
    name_ = 0;
    state_ = State::kEndName;
    return Piece::kNone;
  }
  if (c == '!') {
    if (depth_ < 2) return fail(StreamError::kRestrictedXml);
    matched_ = 0;
    state_ = State::kBang;
    return Piece::kNone;
  }
  if (c == '?') {
    // Before the header this may be the XML declaration; the parser refuses any other.
    if (depth_ != 0) return fail(StreamError::kRestrictedXml);
    state_ = State::kDeclaration;
    return Piece::kNone;
  }
  if (c == '>' || c == '<' || is_space(c)) return fail(StreamError::kNotWellFormed);
  if (++elements_ > limits.elements || depth_ + 1 > limits.depth)
    return fail(StreamError::kPolicyViolation);
  attributes_ = 0;
  name_ = 0;
  hash_name(c);
  state_ = State::kStartName;
  return Piece::kNone;
}

Piece Framer::step_start_name(char c, const PieceLimits& limits) {
  const bool ended = is_space(c) || c == '>' || c == '/' || c == '<' || c == '\'' || c == '"';
  if (!ended) {
    hash_name(c);
    return Piece::kNone;
  }
  state_ = State::kStartTag;
  return step_start_tag(c, limits);
}

Piece Framer::step_end_name(char c) {
  if (c == '>') return end_tag_ended();
  if (is_space(c)) {
    state_ = State::kEndTag;
    return Piece::kNone;
  }
  hash_name(c);
  return c == '<' ? fail(StreamError::kNotWellFormed) : Piece::kNone;
}

Piece Framer::step_start_tag(char c, const PieceLimits& limits) {
  switch (c) {
    case '\'':
    case '"':
      if (++attributes_ > limits.attributes) return fail(StreamError::kPolicyViolation);
      state_ = c == '"' ? State::kDoubleQuoted : State::kSingleQuoted;
      return Piece::kNone;
    case '/':
      state_ = State::kStartTagSlash;
      return Piece::kNone;
    case '<':
      return fail(StreamError::kNotWellFormed);
    case '>':
      return start_tag_ended(false);
    default:
      return Piece::kNone;
  }
}

Piece Framer::start_tag_ended(bool empty_element) {
  state_ = State::kText;
  if (depth_ == 0) {
    // A stream that ends in its own header is none.
    if (empty_element) return fail(StreamError::kBadFormat);
    depth_ = 1;
    open_names_[0] = name_;
    header_seen_ = true;
    return Piece::kHeader;
  }
  if (!empty_element) {
    // A second header is no stanza, and one that never ends.
    if (depth_ == 1 && name_ == open_names_[0]) return fail(StreamError::kUnsupportedStanzaType);
    if (depth_ < kNamedDepth) open_names_[depth_] = name_;
    ++depth_;
    return Piece::kNone;
  }
  return depth_ == 1 ? Piece::kStanza : Piece::kNone;
}

Piece Framer::end_tag_ended() {
  state_ = State::kText;
  --depth_;
  if (depth_ < kNamedDepth && name_ != open_names_[depth_])
    return fail(StreamError::kNotWellFormed);
  if (depth_ == 0) return Piece::kEnd;
  return depth_ == 1 ? Piece::kStanza : Piece::kNone;
}

}  // namespace longwire::xmpp
