#pragma once

// A front end's way to middle nodes of other processes.

#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/net/loop.h"
#include "daemon/tier/net_dialer.h"
#include "middle/middle.h"

namespace longwire::daemon {

struct TierClientParts {
  std::vector<std::string> seeds;  // some middle nodes; they tell of the others
  Dialers& dialers;                // outlives all links
  std::string process;  // of all front ends one has this name: it goes before their nodes' names
  Environment environment;  // its executor is not used
};

// A Middle that is elsewhere: each link connects to all middle nodes, on its own loop, which has to
// be a net::Loop. start(), on `loop`, waits until one of them answers, for about 45 seconds:
// kUnavailable, with the reason for
// each. All that is given outlives it.
std::unique_ptr<middle::Middle> make_remote_middle(TierClientParts parts, net::Loop& loop);

}  // namespace longwire::daemon
