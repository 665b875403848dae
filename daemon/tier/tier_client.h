#pragma once

// TierClient: a front end's way to a middle tier of another process, on one loop.

#include <memory>
#include <string>

#include "base/environment.h"
#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/net/tls.h"
#include "middle/middle.h"

namespace longwire::daemon {

// Connects and greets. `done`, on the loop, gets the link, which is used and destroyed there; it
// holds the connection. After the connection's end its calls are answered kUnavailable or
// kUnknownOutcome. kUnavailable: nobody there. All references outlive the link; `front_end` may be
// null. Loop-bound; environment.executor is `loop`.
void connect_tier(net::Loop& loop, const Environment& environment, const net::Address& address,
                  std::unique_ptr<net::TlsSession> tls, middle::NodeId node,
                  middle::FrontEnd* front_end, Callback<middle::MiddleLink> done);

}  // namespace longwire::daemon
