#pragma once

// Which program a supervisor starts its workers from.

#include <string>
#include <string_view>

namespace longwire::daemon {

// The absolute path by which this process was called: a new program put there is what the next
// worker runs. Links in it stay as they are. `called` is argv[0]; `search` is PATH. Empty: no such
// file.
std::string program_path(std::string_view called, std::string_view search);

}  // namespace longwire::daemon
