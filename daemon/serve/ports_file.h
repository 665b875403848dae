#pragma once

// --ports-file: where tests and scripts learn on which ports a server listens.

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace longwire::daemon {

struct Ports {
  std::uint16_t xmpp = 0;   // STARTTLS
  std::uint16_t xmpps = 0;  // TLS from the first byte
  std::uint16_t https = 0;
  std::uint16_t admin = 0;
  std::uint16_t channel_push = 0;  // for handlers of channels; as the next
  std::uint16_t tier = 0;  // for front ends of other processes; 0: nowhere, and not in the file
};

// {"xmpp": 5222, "xmpps": 5223, "https": 8443, "admin": 9090}; appears complete, or not at all.
Status write_ports_file(const std::filesystem::path& path, const Ports& ports);

}  // namespace longwire::daemon
