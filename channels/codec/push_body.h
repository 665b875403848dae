#pragma once

// PushBody: what a sender wrote, as the bytes that are stored at acceptance and sealed for each
// registration. Grammar: struct PushBody in channels/idl/push.thrift, compact protocol. Nothing
// that varies between deliveries may be added: a key and nonce must never meet two plaintexts.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::channels {

// A value. Empty members cost nothing on the wire.
struct PushBody {
  std::string title;
  std::string description;
  Bytes payload;
  std::map<std::string, std::string> extra;
  bool pass_through = false;
  std::int32_t notify_type = 0;
  std::int32_t notify_id = 0;
  std::vector<std::string> packages;  // only for registrations of these; empty: all

  friend bool operator==(const PushBody&, const PushBody&) = default;
};

// The same body always gives the same bytes.
Bytes encode_push_body(const PushBody& body);
// kCorrupt, or kResourceExhausted beyond 64 KiB, 32 KiB a string, 128 extras or packages.
Result<PushBody> decode_push_body(BytesView bytes);

}  // namespace longwire::channels
