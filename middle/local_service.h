#pragma once

// LocalService: a Service for one loop of this process. Calls are posted to the Core's executor and
// their answers posted back; after its end no callback runs.

#include <memory>

#include "base/executor.h"
#include "middle/core/core.h"
#include "middle/service.h"

namespace longwire::middle {

// What the services of a Core share with it: which of the two goes first is not known.
struct CoreHandle {
  Executor& executor;
  Core* core = nullptr;  // null once it is gone; read and written on `executor` only
};

// `loop` outlives the service. `alive` is the link's, see NodeTable.
std::unique_ptr<Service> make_local_service(std::shared_ptr<CoreHandle> core, Executor& loop,
                                            NodeId node, std::shared_ptr<bool> alive);
// What other nodes may ask of the Core's partitions.
std::unique_ptr<PeerService> make_local_peer_service(std::shared_ptr<CoreHandle> core,
                                                     Executor& loop);

}  // namespace longwire::middle
