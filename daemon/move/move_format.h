#pragma once

// The file of a move (docs/formats/move.md):
//
//   file  := "longwire move\n" version:u32=1 frame*
//   frame := size:u32 crc32c:u32 kind:u8 body          size and sum are of kind and body
//
// Frames, in this order:
//   header        := format:u32 partitions:u16 home_hash_version:u8 incarnation:string moment:i64
//   per partition, from 0:
//     partition   := number:u16 stamp:i64 state:string
//     rows*       := n:varint row*n                     keys rise over the whole partition
//     end         := tally
//   apps* users* roster* topics* counters*
//                 := n:varint item*n                    keys rise over a kind
//   directory end := roster_version:varint tally
//   end           := n:varint (kind:string tally)*n
//   n is 1 to 8,192 in a group.
//   tally         := rows:varint bytes:varint checksum:u64
//
// Fixed integers are big-endian. Nothing follows the end.

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "middle/ports/partition_store.h"
#include "middle/ports/storage_info.h"

namespace longwire::daemon {

inline constexpr std::string_view kMoveMagic = "longwire move\n";
inline constexpr std::uint32_t kMoveVersion = 1;
// A page of rows and one of the largest; what claims to be longer is damaged.
inline constexpr std::size_t kMoveFrameBytesMax = middle::kBatchBytesMax + 2 * 1024 * 1024;
inline constexpr std::size_t kMoveGroupBytes = 512 * 1024;  // from here on a group is a frame
inline constexpr std::size_t kMoveGroupRowsMax = 8192;

enum class MoveFrame : std::uint8_t {
  kHeader = 1,
  kPartition = 2,
  kRows = 3,
  kPartitionEnd = 4,
  kApps = 5,
  kUsers = 6,
  kRoster = 7,
  kTopics = 8,
  kCounters = 9,
  kDirectoryEnd = 10,
  kEnd = 11,
};

struct MoveHeader {
  middle::StorageInfo info;
  // What had expired by then is left out.
  Timestamp moment;
};

struct MovePartition {
  middle::PartitionId number = 0;
  Timestamp stamp;  // of its head
  Bytes state;
};

// What the table calls a kind of the directory.
const char* directory_kind(MoveFrame frame);

}  // namespace longwire::daemon
