#pragma once

// A connection to a handler: a socket as the wire of a HandlerLink.

#include "base/net/address.h"
#include "base/net/loop.h"
#include "channels/handler/handler_wire.h"

namespace longwire::daemon {

// Connects to `address` on `loop`, which outlives the dialler and its wires; both are used there.
channels::HandlerDial handler_dial(net::Loop& loop, net::Address address);

}  // namespace longwire::daemon
