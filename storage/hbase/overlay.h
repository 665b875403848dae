#pragma once

// Overlay: the rows of batches that are committed and not yet derived, by key; the newest of each.

#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "middle/ports/partition_store.h"

namespace longwire::storage::hbase {

// A row may vanish after its `expires`, not before.
inline bool expired(std::optional<Timestamp> expires, Timestamp now) {
  return expires && *expires < now;
}

// Not thread-safe.
class Overlay final {
 public:
  // A row of a batch, which it keeps.
  struct Entry {
    middle::Position position = 0;
    middle::BatchPtr batch;
    const middle::RowWrite* row = nullptr;
  };

  void add(middle::Position position, const middle::BatchPtr& batch);
  // Forgets those of its rows that no later batch has written.
  void remove(middle::Position position, const middle::Batch& batch);

  // Null: see the table. Valid until the next change.
  const Entry* find(BytesView key) const;

  // What lies in [from, to), from `to` downwards where reversed; ends with the last entry that a
  // scan of so many rows can need at `now`.
  std::vector<Entry> range(const middle::ScanRequest& request, Timestamp now) const;

 private:
  std::map<BytesView, Entry> entries_;  // keys lie in the entries' batches
};

}  // namespace longwire::storage::hbase
