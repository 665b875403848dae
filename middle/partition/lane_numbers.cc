// state := version:u8(1) partitions:varint sent:varint*partitions taken:varint*partitions

#include "middle/partition/lane_numbers.h"

namespace longwire::middle {
namespace {
constexpr std::uint8_t kVersion = 1;
}

Bytes encode_lane_numbers(const LaneNumbers& numbers) {
  ByteWriter writer;
  writer.u8(kVersion).varint(numbers.sent.size());
  for (LaneNumber number : numbers.sent) writer.varint(number);
  for (LaneNumber number : numbers.taken) writer.varint(number);
  return std::move(writer).take();
}

Result<LaneNumbers> decode_lane_numbers(BytesView state, std::size_t partitions) {
  LaneNumbers numbers(partitions);
  if (state.empty()) return numbers;
  ByteReader reader(state);
  if (reader.u8() != kVersion)
    return Error{ErrorCode::kUnsupported, "partition head of a newer version"};
  if (reader.varint() != partitions)
    return Error{ErrorCode::kCorrupt, "partition head made for another number of partitions"};
  for (LaneNumber& number : numbers.sent) number = reader.varint();
  for (LaneNumber& number : numbers.taken) number = reader.varint();
  TRY(reader.finish());
  return numbers;
}

}  // namespace longwire::middle
