#pragma once

// MoveDecoder: the bytes of a move's file in, its records out. The file is outside input: sizes are
// bounded before anything is read, each frame's sum is checked, and so are the order of frames and
// of keys, and the tallies. Holds no more than one frame.

#include <variant>
#include <vector>

#include "daemon/move/move_format.h"
#include "daemon/move/move_stream.h"
#include "daemon/move/move_summary.h"
#include "middle/ports/directory.h"

namespace longwire::daemon {

// A group of rows of the partition begun last; never empty.
using MoveRows = std::vector<middle::Row>;
// A group of one kind of the directory, or, the last one, its roster version alone.
// The summary comes last: everything before it was as the file says.
using MoveRecord = std::variant<MovePartition, MoveRows, middle::DirectoryRows, MoveSummary>;

// Errors: kInvalidArgument (no such file), kUnsupported (a newer version, another format), kCorrupt
// (cut off or damaged; which frame, and at what byte). After one, of no further use. Not
// thread-safe.
class MoveDecoder final {
 public:
  // `source` outlives it.
  explicit MoveDecoder(ByteSource& source) : source_(source) {}

  // First, once.
  Result<MoveHeader> begin();
  // Not after the summary.
  Result<MoveRecord> next();

 private:
  struct Frame {
    MoveFrame kind = MoveFrame::kHeader;
    Bytes payload;  // with its kind
    BytesView body() const { return BytesView(payload).substr(1); }
  };

  Result<Bytes> read_exactly(std::size_t size);
  Result<Frame> read_frame();
  Result<MoveHeader> decode_header(BytesView body) const;
  // The record of a frame; empty: it has none.
  Result<std::optional<MoveRecord>> decode(const Frame& frame);
  Result<std::optional<MoveRecord>> decode_partition(BytesView body);
  Result<std::optional<MoveRecord>> decode_rows(BytesView body);
  Result<std::optional<MoveRecord>> decode_partition_end(BytesView body);
  Result<std::optional<MoveRecord>> decode_items(const Frame& frame);
  template <typename Item>
  Status read_group(const Frame& frame, std::vector<Item>& items);
  Result<std::optional<MoveRecord>> decode_directory_end(BytesView body);
  Result<std::optional<MoveRecord>> decode_end(BytesView body);
  Status rise_to(Bytes key);
  Status allow(MoveFrame kind) const;
  Error damaged(std::string_view what) const;

  ByteSource& source_;
  MoveHeader header_;
  MoveSummary summary_;
  MoveTally partition_;
  MoveFrame last_ = MoveFrame::kHeader;
  std::optional<Bytes> last_key_;  // of the partition, or of the kind
  std::uint64_t offset_ = 0;
};

// Reads all of it, to see that it is whole.
Result<MoveSummary> check_move(ByteSource& source);

}  // namespace longwire::daemon
