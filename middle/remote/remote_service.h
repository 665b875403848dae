#pragma once

// RemoteService, RemotePeers: a Service and a PeerService whose calls are carried to a middle node
// in another process, over a Channel.

#include <memory>

#include "middle/peer_service.h"
#include "middle/service.h"

namespace longwire::middle::remote {

class Channel;

// All belong to one loop. After the service's end no callback runs.
std::unique_ptr<Service> make_remote_service(std::shared_ptr<Channel> channel);
std::unique_ptr<PeerService> make_remote_peers(std::shared_ptr<Channel> channel);

}  // namespace longwire::middle::remote
