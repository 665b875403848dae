#pragma once

// Http1Parser: bytes in, requests out (RFC 9112). Strict where laxness is how requests are
// smuggled: lines end with CRLF and nothing else, no folded lines, no blank before a colon, exactly
// one Host, one Content-Length of digits, Transfer-Encoding "chunked" alone and never together with
// a length.
//
//   request = *1024( CRLF ) method SP target SP "HTTP/1." DIGIT CRLF *( field CRLF ) CRLF body

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http_front/protocol/message.h"

namespace longwire::http {

struct ParserLimits {
  std::size_t head_bytes_max = 64 * 1024;  // request line and fields; trailers have the same
  std::size_t fields_max = 100;
  std::size_t body_bytes_max = 1024 * 1024;
};

// Why a request is refused before a handler sees it; the connection ends with it.
struct Refusal {
  int status = 400;
  std::string_view sentence;  // of static storage
};

// One connection's parser, one request at a time. Not thread-safe.
class Http1Parser final {
 public:
  explicit Http1Parser(ParserLimits limits) : limits_(limits) {}

  // Takes from the front of `input` what belongs to the request at hand and returns how many bytes
  // that was: less than all only when the request is complete or refused.
  std::size_t consume(BytesView input);

  bool complete() const { return phase_ == Phase::kComplete; }
  const Refusal* refusal() const { return refusal_ ? &*refusal_ : nullptr; }
  // Some of a request has come, but not all.
  bool receiving() const { return !complete() && (phase_ != Phase::kHead || head_bytes_ > 0); }
  // Once, when the head is complete, the body is not, and the peer waits for a 100.
  bool take_expectation();
  // Of the request at hand, once its head is complete.
  bool keep_alive() const { return keep_alive_; }
  bool head_only() const { return request_.method == Method::kHead; }
  std::size_t buffered_bytes() const { return head_.size() + request_.body.size(); }

  // The complete request; the parser is ready for the next one.
  Request take_request();

 private:
  enum class Phase : std::uint8_t {
    kHead,
    kFixedBody,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kComplete,
    kRefused
  };

  std::size_t take_head(BytesView input);
  std::size_t take_fixed_body(BytesView input);
  std::size_t take_chunk_size(BytesView input);
  std::size_t take_chunk_data(BytesView input);
  std::size_t take_chunk_end(BytesView input);
  std::size_t take_trailers(BytesView input);

  void parse_head();
  bool parse_request_line(std::string_view line);
  bool parse_field(std::string_view line);
  bool settle_connection();
  bool settle_framing();
  bool parse_chunk_size();
  bool refuse(int status, std::string_view sentence);

  const ParserLimits limits_;
  Phase phase_ = Phase::kHead;
  std::optional<Refusal> refusal_;
  std::string head_;             // the head so far, or the line of a chunk or trailer so far
  std::size_t head_bytes_ = 0;   // of the head or of all trailers
  std::size_t line_bytes_ = 0;   // of the line at hand
  char last_ = 0;                // the byte before the next one of the head
  std::uint64_t body_left_ = 0;  // of the body or chunk
  bool http10_ = false;
  bool keep_alive_ = true;
  bool expectation_ = false;
  Request request_;
};

}  // namespace longwire::http
