#pragma once

// What lies in HBase (docs/formats/hbase.md). Two tables of one family, "d"; PREFIX by
// configuration:
//
//   PREFIX_log   one row a partition, and one for the storage
//   PREFIX_rows  the rows derived
//
// Log table. A cell's stamp is the position that wrote it (info: 1), so no clock decides there.
//   row       := partition:u16be | 0xFFFF                     the latter holds cell "info"
//   cell "h"  := version:u8=1 position:varint writer:string stamp:i64 previous_writer:string
//                previous_position:varint underived:varint state:string
//   cell      := "b" slot:u16be part:u8                       slot: position modulo kSlots
//   its value := nothing                                      derived, the slot is free
//              | version:u8=1 position:varint parts:u8 bytes  part of a batch
//   batch     := stamp:i64 count:varint write*                its parts, one after the other
//   write     := 0:u8 key:string | 1:u8 key:string value:string
//              | 2:u8 key:string value:string expires:i64
//   info      := format:u32be partitions:u16be home_hash_version:u8 incarnation:string
//
// Rows table. A cell's stamp is its batch's, which only rises in a partition.
//   row       := partition:u16be key
//   cell "v"  := 0:u8 delete_after:u64be                      removed
//              | 1:u8 expires:u64be value                     expires 0xFF…: never
//
// Times are milliseconds since 1970. Pure functions.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "middle/ports/partition_store.h"
#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {

inline constexpr char kFamily[] = "d";
inline constexpr char kHeadCell[] = "h";
inline constexpr char kInfoCell[] = "info";
inline constexpr char kValueCell[] = "v";
inline constexpr std::int32_t kForeverSeconds = 0x7FFFFFFF;

inline constexpr std::size_t kSlots = 1024;
inline constexpr std::size_t kPartBytesMax = 1024 * 1024;
inline constexpr std::size_t kKeyBytesMax = 32'767 - 2;  // HBase's limit of a row's key

// A partition's head as stored.
struct LogHead {
  middle::Head head;
  // The lowest position whose batch is in its slot: batches below are derived. One above the
  // position where all are.
  middle::Position underived = 1;
};

Bytes log_row(middle::PartitionId partition);
Bytes encode_head(const LogHead& head);
// kUnsupported: written by a newer Longwire; so for all below.
Result<LogHead> decode_head(BytesView stored);

Bytes slot_cell(middle::Position position, std::size_t part);
// The bytes of a batch's parts, the cells not yet stamped.
std::vector<Cell> encode_batch(middle::Position position, const middle::Batch& batch);

// One part as stored.
struct BatchPart {
  middle::Position position = 0;
  std::size_t parts = 1;
  BytesView bytes;
};
Result<BatchPart> decode_part(BytesView stored);
// Of all parts' bytes together. The state is left empty: it is the head's.
Result<middle::Batch> decode_batch(BytesView bytes);

Bytes info_row();

Bytes row_key(middle::PartitionId partition, BytesView key);
inline BytesView key_of_row(BytesView row) { return row.substr(2); }
// `removed_kept`: how long a removal is to be there.
Bytes encode_row(const middle::RowWrite& row, Timestamp stamp,
                 std::chrono::milliseconds removed_kept);
struct RowValue {
  bool removed = false;
  std::optional<Timestamp> expires;  // of a removed row: when it may be deleted
  BytesView value;
};
Result<RowValue> decode_row(BytesView stored);
// In HBase's filter language: cells that are no removals.
Bytes filter_of_values();

// What counts for kBatchBytesMax.
std::size_t batch_bytes(const middle::Batch& batch);

}  // namespace longwire::storage::hbase
