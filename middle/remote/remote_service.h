#pragma once

// RemoteService: a Service whose calls are carried to a middle tier in another process, over a
// Channel.

#include <memory>

#include "middle/service.h"

namespace longwire::middle::remote {

class Channel;

// Both belong to one loop. After the service's end no callback runs.
std::unique_ptr<Service> make_remote_service(std::shared_ptr<Channel> channel);

}  // namespace longwire::middle::remote
