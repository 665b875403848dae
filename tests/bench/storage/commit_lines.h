#pragma once

// Lines of commits on a partition store, and how fast they go. A partition has one commit in
// flight: the number of lines is the number in flight. Rows are of 256 bytes, half of which
// compresses.

#include <chrono>

#include "middle/ports/partition_store.h"

namespace longwire::bench {

struct Load {
  int in_flight = 1;  // partitions, from 0
  int rows = 1;       // a commit
  std::chrono::milliseconds time{2000};
};

void print_heading();
// Runs the load and prints a line below the heading: rates, then what a commit took.
void measure(middle::PartitionStore& store, const Load& load);

}  // namespace longwire::bench
