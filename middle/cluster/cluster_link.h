#pragma once

// ClusterLink: a front end's end of its connections to the middle nodes: what a MiddleLink in one
// process is across many. Each call goes to the owner of the partition that it concerns, each
// interest as well; a partition that changes hands is asked for anew, and the front end told, so
// that it can tell the new owner of its sessions.

#include <memory>
#include <vector>

#include "base/environment.h"
#include "middle/cluster/dialer.h"
#include "middle/cluster/node_links.h"
#include "middle/middle.h"
#include "middle/route/follow_hub_impl.h"

namespace longwire::middle::cluster {

struct ClusterLinkParts {
  NodeId node;
  std::vector<NodeAddress> seeds;
  Dialer& dialer;            // outlives the link
  FrontEnd* front_end;       // may be null; outlives the link
  std::uint16_t partitions;  // of the storage
};

// Loop-bound to environment.executor, which outlives it; connects by itself. Calls made before
// there is a connection wait for it.
MiddleLink make_cluster_link(const Environment& environment, ClusterLinkParts parts,
                             const NodeLinksOptions& links = {},
                             const FollowHubOptions& feeds = {});

// How many partitions the storage has, as the first node says that answers; for who is about to
// make links. Destroyed, it stops asking.
class PartitionCount {
 public:
  virtual ~PartitionCount() = default;
};
std::unique_ptr<PartitionCount> ask_partition_count(const Environment& environment, NodeId node,
                                                    std::vector<NodeAddress> seeds, Dialer& dialer,
                                                    Callback<std::uint16_t> done);

}  // namespace longwire::middle::cluster
