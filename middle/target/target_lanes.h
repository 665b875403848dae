#pragma once

// What a send and its recall say to the partitions of its targets.

#include <string>
#include <vector>

#include "middle/model/message.h"
#include "middle/registry/registry_lanes.h"

namespace longwire::middle {

struct Recipient {
  RegId registration;
  std::string via_name;  // the alias or account it was named by; empty: its own regId
  friend bool operator==(const Recipient&, const Recipient&) = default;
};

// A message on its way into inboxes. The body travels with it: a read never leaves its partition.
struct Delivery {
  MessageId id;
  AppId app;
  std::vector<PackageName> packages;
  Timestamp accepted;
  Timestamp expires;
  Priority priority = Priority::kNormal;
  std::string collapse_key;
  TargetKind via = TargetKind::kRegId;
  std::vector<Recipient> recipients;
  Bytes body;
};

struct RecallNotice {
  MessageId id;
};

// payload  := kind:u8 version:u8(1) …
// delivery := id:12 app:string packages accepted:i64 expires:i64 priority:u8 collapse:string via:u8
//             n:varint (regId:string via_name:string)*n body:string
// recall   := id:12
Bytes encode_lane(const Delivery& delivery);
Bytes encode_lane(const RecallNotice& notice);
Status decode_lane(BytesView payload, Delivery& delivery);
Status decode_lane(BytesView payload, RecallNotice& notice);

}  // namespace longwire::middle
