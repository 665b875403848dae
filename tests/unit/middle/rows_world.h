#pragma once

// Runs of operations over rows in memory, without a partition around them.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "middle/partition/transaction.h"
#include "tests/unit/middle/fixed_random.h"

namespace longwire::middle {

class RowsWorld : public ::testing::Test {
 public:
  static constexpr PartitionId kHere = 0;
  static constexpr PartitionId kThere = 1;

  // A run at `now`.
  Transaction begin() {
    return Transaction({.cache = cache,
                        .lanes = lanes,
                        .lanes_batch = 0,
                        .lane_waiting = lane_waiting,
                        .lane_items_max = 2,
                        .effect = effect,
                        .random = random,
                        .now = now,
                        .partition = kHere,
                        .partitions = 2,
                        .position = 7});
  }
  void absent(const Bytes& key) { cache.load(key, std::nullopt); }
  // What a run left in a row goes to where the next one finds it.
  void keep(Transaction& transaction, const Bytes& key) {
    const Bytes* value = transaction.get(key);
    cache.write(key, value == nullptr ? std::nullopt : std::optional<Bytes>(*value), ++batch);
  }

  RowCache cache{1024 * 1024};
  LaneNumbers lanes{2};
  std::vector<std::size_t> lane_waiting{0, 0};
  std::vector<Bytes> effects;
  LaneEffect effect = [this](Transaction&, BytesView payload) { effects.emplace_back(payload); };
  FixedRandom random;
  Timestamp now{1'767'225'600'000};
  BatchNumber batch = 0;
};

}  // namespace longwire::middle
