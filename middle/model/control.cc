// control := version:u8(1) kind:u8 name:string

#include "middle/model/control.h"

namespace longwire::middle {
namespace {
constexpr std::uint8_t kVersion = 1;
constexpr auto kKindFirst = static_cast<std::uint8_t>(ControlKind::kAliasRemoved);
constexpr auto kKindLast = static_cast<std::uint8_t>(ControlKind::kUnregistered);
}  // namespace

Bytes encode_control(const ControlChange& change) {
  ByteWriter writer;
  writer.u8(kVersion).u8(static_cast<std::uint8_t>(change.kind)).string(change.name);
  return std::move(writer).take();
}

Result<ControlChange> decode_control(BytesView bytes) {
  ByteReader reader(bytes);
  const std::uint8_t version = reader.u8();
  if (version == 0) return Error{ErrorCode::kCorrupt, "control change without a version"};
  if (version > kVersion)
    return Error{ErrorCode::kUnsupported, "control change of a newer version"};
  const std::uint8_t kind = reader.u8();
  if (kind < kKindFirst || kind > kKindLast)
    return Error{ErrorCode::kCorrupt, "control change of an unknown kind"};
  ControlChange change{static_cast<ControlKind>(kind), std::string(reader.string())};
  TRY(reader.finish());
  return change;
}

}  // namespace longwire::middle
