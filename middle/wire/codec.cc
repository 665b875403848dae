#include "middle/wire/codec.h"

#include <thrift/TConfiguration.h>

#include <new>

namespace longwire::middle::wire {
namespace {

constexpr int kRecursionMax = 16;
// Thrift counts some bytes twice when it compares with what is left.
constexpr std::int32_t kCountingSlack = 64;

}  // namespace

Result<std::shared_ptr<MemoryBuffer>> observe(BytesView bytes, const WireLimits& limits) {
  if (bytes.size() > static_cast<std::size_t>(limits.bytes_max)) {
    return Error{ErrorCode::kResourceExhausted, "message between tiers too long"};
  }
  const auto size = static_cast<std::uint32_t>(bytes.size());
  auto configuration = std::make_shared<apache::thrift::TConfiguration>(
      static_cast<int>(size) + kCountingSlack, limits.bytes_max, kRecursionMax);
  // The buffer only reads, though its constructor does not say so.
  auto* data = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  return std::make_shared<MemoryBuffer>(data, size, MemoryBuffer::OBSERVE,
                                        std::move(configuration));
}

Error decode_error(const std::exception& thrown) {
  const auto* broken = dynamic_cast<const TProtocolException*>(&thrown);
  const bool too_large =
      broken != nullptr && (broken->getType() == TProtocolException::SIZE_LIMIT ||
                            broken->getType() == TProtocolException::DEPTH_LIMIT);
  if (too_large || dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr) {
    return {ErrorCode::kResourceExhausted, "a string, list or nesting between tiers too large"};
  }
  return {ErrorCode::kCorrupt, "a message between tiers is not what was expected here"};
}

}  // namespace longwire::middle::wire
