#pragma once

// make_middle for the simulation: messages between partitions, and between partitions and front
// ends, go through a carrier that may lose, double, delay and reorder them.

#include <memory>

#include "middle/middle.h"
#include "middle/route/local_feed_link.h"

namespace longwire::middle {

// `carrier` may be null: then everything is posted. Otherwise it outlives the Middle.
std::unique_ptr<MiddleTier> make_local_middle(const MiddleConfig& config, Environment environment,
                                              PartitionStore& store, Directory& directory,
                                              Executor& keys, FeedCarrier* carrier);

}  // namespace longwire::middle
