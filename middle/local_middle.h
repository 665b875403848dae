#pragma once

// make_middle, where its messages are somebody else's to carry: for the simulation, and for one of
// several middle nodes.

#include <memory>

#include "middle/core/core.h"
#include "middle/middle.h"
#include "middle/route/local_feed_link.h"

namespace longwire::middle {

class CoreMiddle : public MiddleTier {
 public:
  virtual Core& core() = 0;  // to be used on its executor
};

// All of it outlives the Middle.
struct CoreMiddleParts {
  PartitionStore& store;
  Directory& directory;
  Executor& keys;
  // Of messages between partitions, and between partitions and front ends, which it may lose,
  // double, delay and reorder; null: they are posted.
  FeedCarrier* carrier = nullptr;
  const CoreCluster* cluster = nullptr;  // null: all partitions are this one's
};
std::unique_ptr<CoreMiddle> make_core_middle(const MiddleConfig& config, Environment environment,
                                             const CoreMiddleParts& parts);

}  // namespace longwire::middle
