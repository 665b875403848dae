#pragma once

// PlantedFaults: ways to break the promises on purpose, so that the simulation can prove that
// it would notice (tests/sim). All off in production, where nobody fills this in: each costs one
// test of a bool that never changes. Two more (a commit that ignores the position, a lost catch-up)
// are planted in the simulation's own store and carrier.

#include <memory>

#include "middle/middle.h"
#include "middle/route/local_feed_link.h"

namespace longwire::middle {

struct PlantedFaults {
  bool cursor_may_fall = false;        // a lower acknowledgement is stored as well
  bool number_used_twice = false;      // now and then a feed's tail is not moved by an append
  bool lane_item_taken_twice = false;  // the target takes an item below its number again
};

// What only tests hand to a Middle.
struct MiddleTestSeams {
  PlantedFaults faults;
  FeedCarrier* carrier = nullptr;  // outlives the Middle; null: messages are posted
};

// make_middle, with seams. For tests only.
std::unique_ptr<Middle> make_middle_with_seams(const MiddleConfig& config, Environment environment,
                                               PartitionStore& store, Directory& directory,
                                               const MiddleTestSeams& seams);

}  // namespace longwire::middle
