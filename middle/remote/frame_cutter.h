#pragma once

// FrameCutter: Thrift's framed transport, read: a stream of bytes cut into messages. A frame is the
// length of its message, 4 bytes big-endian, then the message.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::middle::remote {

inline constexpr std::size_t kFrameLengthBytes = 4;

// Not thread-safe.
class FrameCutter final {
 public:
  explicit FrameCutter(std::int32_t bytes_max) : bytes_max_(bytes_max) {}

  void feed(BytesView bytes) { gathered_.append(bytes); }
  // The next whole message, without its length; empty: not here yet. The view holds until the next
  // call. kResourceExhausted: one that is too long; the stream is of no further use.
  Result<std::optional<BytesView>> next();

 private:
  const std::int32_t bytes_max_;
  Bytes gathered_;
  std::size_t taken_ = 0;  // of `gathered_`, by the messages given out
};

}  // namespace longwire::middle::remote
