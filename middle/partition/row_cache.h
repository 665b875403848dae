#pragma once

// RowCache: what a partition's owner knows of its rows: as loaded, and as written by batches that
// are not committed yet. Absence is known, too.
//
// Limit: bytes_max; beyond it the least recently used rows are forgotten, but for those written by
// a batch that is not settled yet: they are not in the store.

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "base/bytes.h"

namespace longwire::middle {

using BatchNumber = std::uint64_t;  // of one ownership: 1, 2, 3, …; 0: as loaded

// Loop-bound.
class RowCache final {
 public:
  struct Row {
    Bytes key;
    std::optional<Bytes> value;  // empty: known to be absent
    BatchNumber batch = 0;       // that wrote it last
  };

  explicit RowCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  RowCache(const RowCache&) = delete;
  RowCache& operator=(const RowCache&) = delete;

  // Null: not known. The pointer is good until the next trim().
  const Row* find(BytesView key);
  // What the store answered; no effect where the row is known already.
  void load(Bytes key, std::optional<Bytes> value);
  void write(Bytes key, std::optional<Bytes> value, BatchNumber batch);
  // Batches up to `batch` are in the store.
  void settle(BatchNumber batch) { settled_ = batch; }
  void trim();
  void clear();

  std::size_t bytes() const { return bytes_; }
  std::size_t rows() const { return index_.size(); }

 private:
  using Order = std::list<Row>;
  static std::size_t cost(const Row& row);

  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  BatchNumber settled_ = 0;
  Order order_;  // most recently used first
  absl::flat_hash_map<BytesView, Order::iterator> index_;
};

}  // namespace longwire::middle
