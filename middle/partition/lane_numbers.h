#pragma once

// LaneNumbers: how far each lane of a partition has come. Kept in the partition's head, so that
// taking an item and its effect are one commit.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "middle/model/ids.h"

namespace longwire::middle {

using LaneNumber = std::uint64_t;  // 1, 2, 3, … per pair (from, to)

// A value.
struct LaneNumbers {
  std::vector<LaneNumber> sent;   // by target: the last number given out
  std::vector<LaneNumber> taken;  // by source: the last number taken

  explicit LaneNumbers(std::size_t partitions = 0) : sent(partitions), taken(partitions) {}
  friend bool operator==(const LaneNumbers&, const LaneNumbers&) = default;
};

Bytes encode_lane_numbers(const LaneNumbers& numbers);
// An empty state is that of a new partition.
Result<LaneNumbers> decode_lane_numbers(BytesView state, std::size_t partitions);

}  // namespace longwire::middle
