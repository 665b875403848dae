#pragma once

// ClusteredMiddle: one of several middle nodes over the same storage. It owns a share of the
// partitions, by the members as it sees them; what concerns the others' it asks of them.

#include <chrono>
#include <functional>
#include <memory>

#include "middle/cluster/cluster_link.h"
#include "middle/cluster/partition_keeper.h"
#include "middle/middle.h"
#include "middle/ports/membership.h"

namespace longwire::middle::cluster {

struct ClusterOptions {
  KeeperOptions keeper;
  NodeLinksOptions links;
  std::chrono::milliseconds leave_within{5'000};  // others have taken what was here by then
};

// All of it outlives the middle.
struct ClusterParts {
  Membership& membership;
  Member self;
  // On its loop: how nodes are reached from there.
  std::function<Dialer&(Executor& loop)> dialer;
  ClusterOptions options = {};
};

// As make_middle(). Its front ends of this process go over connections, too: a call finds its owner
// the same way from everywhere. start() is answered once it serves its share.
std::unique_ptr<MiddleTier> make_clustered_middle(const MiddleConfig& config,
                                                  Environment environment, PartitionStore& store,
                                                  Directory& directory, Executor& keys,
                                                  ClusterParts parts);

}  // namespace longwire::middle::cluster
