#pragma once

// What `longwire status` prints for people: a line that sums up, then a line a process.

#include <string>

#include "daemon/control/control_frame.h"

namespace longwire::daemon {

// Of what status_json() made.
std::string status_table(const Json& status);

}  // namespace longwire::daemon
