#pragma once

// Generated Thrift structs to and from bytes (compact protocol), with every limit set: a peer's
// bytes cost at most a small multiple of their own length (15 bytes that claim five million items
// would cost 690 MB without limits). Included by .cc files only: it shows Thrift.
//
// Threads: free functions without state. Exceptions of Thrift end here.

#include <thrift/TConfiguration.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <cstdint>
#include <exception>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::channels {

// What a decoder accepts. Recursion (nested structs, unknown ones included) is limited to 16.
struct CodecLimits {
  std::int32_t bytes_max = 16 * 1024;  // the whole frame; checked before anything else
  std::int32_t string_max = 8 * 1024;  // one string or binary
  std::int32_t items_max = 128;        // one list, set or map
};
inline constexpr CodecLimits kFromClient{};
inline constexpr CodecLimits kFromServer{
    .bytes_max = 256 * 1024, .string_max = 64 * 1024, .items_max = 1024};

using MemoryBuffer = apache::thrift::transport::TMemoryBuffer;
using CompactProtocol = apache::thrift::protocol::TCompactProtocolT<MemoryBuffer>;

// A buffer over `bytes`, which it does not copy; fresh per message, since Thrift 0.17 counts
// messages of a reused one together. kResourceExhausted: longer than the limit.
Result<std::shared_ptr<MemoryBuffer>> observe(BytesView bytes, const CodecLimits& limits);
// Thrift's text may quote the peer's bytes: it is not passed on.
Error decode_error(const std::exception& thrown);

// kCorrupt: not such a struct, or bytes are left over. kResourceExhausted: beyond a limit.
template <typename T>
Result<T> decode_compact(BytesView bytes, const CodecLimits& limits) {
  auto buffer = observe(bytes, limits);
  if (!buffer.ok()) return buffer.error();
  try {
    CompactProtocol protocol(*buffer, limits.string_max, limits.items_max);
    T value;
    value.read(&protocol);
    if ((*buffer)->available_read() != 0)
      return Error{ErrorCode::kCorrupt, "bytes left over after the frame"};
    return value;
  } catch (const std::exception& thrown) {
    return decode_error(thrown);
  }
}

template <typename T>
Bytes encode_compact(const T& value) {
  auto buffer = std::make_shared<MemoryBuffer>();
  CompactProtocol protocol(buffer);
  value.write(&protocol);
  return buffer->getBufferAsString();
}

}  // namespace longwire::channels
