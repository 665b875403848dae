#pragma once

// StorageInfo: what a storage is, fixed when it is made, and its record, the same on every back
// end.

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "middle/model/ids.h"

namespace longwire::middle {

// How rows and heads are laid out (docs/formats). 2: a feed's row lies behind its entries.
inline constexpr std::uint32_t kStorageFormat = 2;
inline constexpr std::uint16_t kPartitionsMax = 4096;

struct StorageInfo {
  std::uint32_t format = kStorageFormat;
  std::uint16_t partitions = 16;
  std::uint8_t home_hash_version = 1;
  Incarnation incarnation;
  // An import into it has begun and not ended: what it holds is not whole, and not to be served.
  bool importing = false;
};

Bytes encode_info(const StorageInfo& info);
// kUnsupported: of another format; kCorrupt.
Result<StorageInfo> decode_info(BytesView stored);

}  // namespace longwire::middle
