#include "xmpp/protocol/stream_reader.h"

#include <utility>

#include "base/check.h"

namespace longwire::xmpp {

void StreamReader::feed(std::string_view bytes) {
  CHECK(input_.empty());
  if (error_ != StreamError::kNone) return;
  if (held_ == nullptr) {
    input_ = bytes;
    return;
  }
  held_->append(bytes);
  input_ = *held_;
}

Piece StreamReader::next(const PieceLimits& limits) {
  if (error_ != StreamError::kNone) return Piece::kError;
  std::size_t start = 0;
  if (framer_.between_pieces()) {
    start = input_.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) start = input_.size();
  }
  std::size_t position = start;
  const Piece piece = framer_.scan(input_, position, limits);
  if (piece == Piece::kError) {
    error_ = framer_.error();
    input_ = {};
    return piece;
  }
  const std::string_view bytes = input_.substr(start, position - start);
  input_.remove_prefix(position);
  if (piece == Piece::kNone) {
    partial_.append(bytes);
    held_.reset();
    return piece;
  }
  if (partial_.empty()) return finished(piece, bytes);
  partial_.append(bytes);
  const Piece result = finished(piece, partial_);
  std::string().swap(partial_);
  return result;
}

Piece StreamReader::finished(Piece piece, std::string_view bytes) {
  if (piece == Piece::kEnd) {
    input_ = {};
    return piece;
  }
  if (piece == Piece::kHeader) {
    header_ = std::make_unique<StreamHeader>();
    error_ = engine_->parse_header(bytes, *header_);
    if (!header_->context.empty()) context_ = std::make_unique<std::string>(header_->context);
  } else {
    error_ = engine_->parse_stanza(context_ ? *context_ : std::string_view(), bytes);
  }
  if (error_ == StreamError::kNone) return piece;
  input_ = {};
  return Piece::kError;
}

void StreamReader::hold() {
  if (input_.empty()) {
    held_.reset();
    return;
  }
  auto rest = std::make_unique<std::string>(input_);
  held_ = std::move(rest);
  input_ = {};
}

void StreamReader::restart(bool drop_input) {
  framer_ = Framer();
  error_ = StreamError::kNone;
  std::string().swap(partial_);
  context_.reset();
  header_.reset();
  if (!drop_input) return;
  input_ = {};
  held_.reset();
}

StreamReader::Moved StreamReader::move_out() {
  Moved moved;
  moved.framer = framer_;
  if (context_) moved.context = *context_;
  moved.partial = std::move(partial_);
  moved.rest = std::string(input_);
  if (input_.empty() && held_) moved.rest = *held_;
  input_ = {};
  held_.reset();
  return moved;
}

void StreamReader::move_in(Moved moved) {
  framer_ = moved.framer;
  if (!moved.context.empty()) context_ = std::make_unique<std::string>(std::move(moved.context));
  partial_ = std::move(moved.partial);
  if (!moved.rest.empty()) held_ = std::make_unique<std::string>(std::move(moved.rest));
}

}  // namespace longwire::xmpp
