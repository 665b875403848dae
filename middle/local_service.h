#pragma once

// LocalService, LocalPeerService: the Core's two faces for one link of this process: calls are
// posted to its executor and their answers posted back; after their end no callback runs.

#include <memory>

#include "middle/peer_service.h"
#include "middle/service.h"

namespace longwire::middle {

class LocalCalls;

// Shared by the link's two faces, and by whoever addresses their calls.
std::unique_ptr<Service> make_local_service(std::shared_ptr<LocalCalls> calls);
// What other nodes may ask of the Core's partitions.
std::unique_ptr<PeerService> make_local_peer_service(std::shared_ptr<LocalCalls> calls);

}  // namespace longwire::middle
