#pragma once

// ClusterService: a Service over all middle nodes.

#include <memory>

#include "base/environment.h"
#include "middle/cluster/owner_router.h"

namespace longwire::middle::cluster {

// What it calls through; shared with the connections that the router leads to.
struct ServiceRoutes {
  OwnerTable& owners;
  OwnerRouter<Service>& router;
};

// Loop-bound. `routes` keeps itself alive; `clock` and `random` outlive the service.
std::unique_ptr<Service> make_cluster_service(std::shared_ptr<ServiceRoutes> routes,
                                              const Clock& clock, Random& random);

}  // namespace longwire::middle::cluster
