#pragma once

// Dialer: outgoing TCP, for clients, tests and load programs.

#include <string_view>

#include "base/net/address.h"
#include "base/result.h"

namespace longwire::net {

// `to` may be a socket of this machine (Address). A non-blocking socket whose connecting has begun;
// hand it to a Connection at once: what is written waits for it, and a failure is its on_closed.
// `source_ip` binds the near end (many connections from 127.0.0.x). kInvalidArgument, kUnavailable.
// Any thread; does not block.
Result<Descriptor> connect_tcp(const Address& to, std::string_view source_ip = "");

}  // namespace longwire::net
