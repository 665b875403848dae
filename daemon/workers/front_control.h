#pragma once

// What a process that holds XMPP connections can be asked: by its supervisor, or, where it has
// none, by the command line.

#include <chrono>
#include <functional>
#include <string>

#include "base/executor.h"
#include "base/metrics.h"
#include "daemon/control/control_table.h"
#include "xmpp/server/xmpp_server.h"

namespace longwire::daemon {

// All of it outlives the table.
struct FrontControlParts {
  xmpp::XmppServer& server;
  Executor& loop;                   // of the table
  bool has_successor = false;       // another process accepts on the same sockets
  std::function<void()> drained{};  // no session is left; on the loop
};

// "spreadMs" of a drain. kInvalidArgument: longer than an hour, or negative.
Result<std::chrono::milliseconds> read_spread(const Json& params);

// "drain": accepts nothing any more, lets all sessions go, is answered when none is left.
void add_drain_control(ControlTable& table, FrontControlParts parts);

// "status": version, connections, sessions of `metrics`, and what `page` gives.
void add_status_control(ControlTable& table, Metrics& metrics, std::function<std::string()> page);

}  // namespace longwire::daemon
