#pragma once

// What a process that holds XMPP connections can be asked: by its supervisor, or, where it has
// none, by the command line.

#include <functional>

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

// "drain": accepts nothing any more, lets all sessions go, is answered when none is left.
void add_drain_control(ControlTable& table, FrontControlParts parts);

// "status": version, connections, sessions, and the page of metrics.
void add_status_control(ControlTable& table, Metrics& metrics);

}  // namespace longwire::daemon
