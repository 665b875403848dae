#pragma once

// What was moved, counted: how many rows, of how many bytes, and a checksum that does not depend on
// their order. Two storages hold the same where the two summaries are equal.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace longwire::daemon {

// A value.
struct MoveTally {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;     // of partitions' rows: keys and values
  std::uint64_t checksum = 0;  // the sum of the hashes of the rows as they lie in the file

  // `item` is the row as it lies in the file.
  void add_row(BytesView item, std::size_t size);
  // What is not a row but moves as well: the state of a partition.
  void add_state(BytesView state);
  MoveTally& operator+=(const MoveTally& other);
  friend bool operator==(const MoveTally&, const MoveTally&) = default;
};

// A value. Says nothing of where and when: positions, stamps, incarnation.
struct MoveSummary {
  std::vector<MoveTally> partitions;  // by their numbers, each with its state
  MoveTally directory;
  std::map<std::string, MoveTally> kinds;  // of both: "entries", "users"

  MoveTally all() const;  // of all kinds
  friend bool operator==(const MoveSummary&, const MoveSummary&) = default;
};

// For people: where the two differ; empty: nowhere.
std::string difference(const MoveSummary& expected, const MoveSummary& found);

}  // namespace longwire::daemon
