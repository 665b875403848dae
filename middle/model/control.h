#pragma once

// ControlChange: what a control entry of an inbox says: somebody other than the device changed what
// its registration carries. The body of an EntryKind::kControl entry is one of these.

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::middle {

enum class ControlKind : std::uint8_t {
  kAliasRemoved = 1,    // another registration set it, or it was the oldest of too many
  kAccountRemoved = 2,  // likewise
  kTagRemoved = 3,
  kUnregistered = 4,
};

struct ControlChange {
  ControlKind kind = ControlKind::kAliasRemoved;
  std::string name;  // the alias, account or tag
};

Bytes encode_control(const ControlChange& change);
// kCorrupt: not one of ours; kUnsupported: of a newer version.
Result<ControlChange> decode_control(BytesView bytes);

}  // namespace longwire::middle
