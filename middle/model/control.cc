// control := version:u8(1) kind:u8 name:string

#include "middle/model/control.h"

namespace longwire::middle {
namespace {
constexpr std::uint8_t kVersion = 1;
}

Bytes encode_control(const ControlChange& change) {
  ByteWriter writer;
  writer.u8(kVersion).u8(static_cast<std::uint8_t>(change.kind)).string(change.name);
  return std::move(writer).take();
}

Result<ControlChange> decode_control(BytesView bytes) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion)
    return Error{ErrorCode::kUnsupported, "control change of an unknown version"};
  ControlChange change;
  change.kind = static_cast<ControlKind>(reader.u8());
  change.name = std::string(reader.string());
  TRY(reader.finish());
  return change;
}

}  // namespace longwire::middle
