#pragma once

// Connections whose calls are counted and timed, by kind. Private to this folder.

#include "base/clock.h"
#include "base/metrics.h"
#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {

// Connects as `connect` does. Clock and metrics outlive all connections. What it answers may be
// called on any thread.
ConnectGateway count_calls(ConnectGateway connect, const Clock& clock, Metrics& metrics);

}  // namespace longwire::storage::hbase
