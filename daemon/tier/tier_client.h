#pragma once

// A front end's way to a middle tier of another process.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/environment.h"
#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/net/tls.h"
#include "middle/middle.h"

namespace longwire::daemon {

struct TierClientParts {
  net::Address middle;
  std::function<std::unique_ptr<net::TlsSession>()> tls;  // empty: plain
  std::string process;  // of all front ends one has this name: it goes before their nodes' names
  Environment environment;          // its executor is not used
  std::function<void()> lost = {};  // a connection has ended; on its loop
};

// A Middle that is elsewhere: each link is a connection of its own, on its loop, which has to be a
// net::Loop. A link whose connection has ended stays so: its calls are answered kUnavailable.
// start() waits until the middle tier serves, for about 45 seconds. All that is given outlives it.
std::unique_ptr<middle::Middle> make_remote_middle(TierClientParts parts, net::Loop& loop);

// Connects and greets. `done`, on the loop, gets the link, which is used and destroyed there, and
// holds the connection; and the number of partitions. kUnavailable: nobody there. `front_end` may
// be null. Loop-bound.
struct TierGreeted {
  middle::MiddleLink link;
  std::uint16_t partitions = 0;
};
void connect_tier(net::Loop& loop, const TierClientParts& parts, const middle::NodeId& node,
                  middle::FrontEnd* front_end, Callback<TierGreeted> done);

}  // namespace longwire::daemon
