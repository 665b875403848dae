#pragma once

// The Unix socket itself. A path longer than a socket address takes (107 bytes) is reached through
// its directory's descriptor in /proc, so that any data directory works.

#include <filesystem>

#include "base/net/address.h"
#include "base/result.h"

namespace longwire::daemon {

// Blocking. kUnavailable: nobody listens.
Result<net::Descriptor> connect_control_socket(const std::filesystem::path& path);

// Non-blocking, listening, mode 0600. Removes what a crashed server left there: call it only while
// holding the data directory's lock.
Result<net::Descriptor> listen_control_socket(const std::filesystem::path& path);

}  // namespace longwire::daemon
