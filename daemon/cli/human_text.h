#pragma once

// Small pieces of what commands print for people.

#include <string>

#include "daemon/control/control_frame.h"

namespace longwire::daemon {

// "2026-11-21 01:02:03 UTC" of a JSON number of milliseconds; "never" for null.
std::string time_text(const Json& milliseconds);

// "a, b, c" of a JSON array of strings; "-" for an empty one.
std::string list_text(const Json& strings);

}  // namespace longwire::daemon
