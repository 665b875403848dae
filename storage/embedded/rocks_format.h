#pragma once

// What lies in RocksDB (docs/formats/embedded.md):
//
//   row key    := partition:u16be key              partition < 0xFF00
//   row value  := expires:u64be value              milliseconds since 1970; 0: never
//   head key   := 0xFFFE partition:u16be
//   head value := version:u8=1 position:varint writer:string stamp:i64 state:string
//                 previous_writer:string previous_position:varint
//   info key   := 0xFFFF "info"
//   info value := format:u32be partitions:u16be home_hash_version:u8 incarnation:string
//
// Pure functions.

#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "middle/ports/partition_store.h"

namespace longwire::storage {

Bytes row_prefix(middle::PartitionId partition);
// Replaces `out`; on the hot path it is the same buffer again and again.
void make_row_key(middle::PartitionId partition, BytesView key, Bytes& out);
void make_row_value(BytesView value, std::optional<Timestamp> expires, Bytes& out);
bool is_row_key(BytesView stored_key);

Result<BytesView> row_value(BytesView stored);
// Empty: never, or no row value at all.
std::optional<Timestamp> row_expires(BytesView stored);

Bytes head_key(middle::PartitionId partition);
Bytes encode_head(const middle::Head& head);
Result<middle::Head> decode_head(BytesView stored);

Bytes info_key();

}  // namespace longwire::storage
