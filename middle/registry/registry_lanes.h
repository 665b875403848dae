#pragma once

// What lane items say. The first byte of a payload is its kind; 1 and 2 are target/target_lanes.h.

#include "middle/registry/names.h"

namespace longwire::middle {

enum class LanePayloadKind : std::uint8_t {
  kDeliver = 1,
  kRecall = 2,
  kNameNotice = 3,
  kDropHolder = 4,
};

struct DropHolder {
  NameId name;
  RegId holder;
};

// payload := kind:u8 version:u8(1) …; notice := regId name carried:bool evicted:bool;
// drop := regId name; name := kind:u8 app:string name:string
Bytes encode_lane(const NameNotice& notice);
Bytes encode_lane(const DropHolder& drop);
Status decode_lane(BytesView payload, NameNotice& notice);
Status decode_lane(BytesView payload, DropHolder& drop);

}  // namespace longwire::middle
