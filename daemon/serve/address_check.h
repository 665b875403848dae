#pragma once

// Is an address free? Our listeners share their port among loops (SO_REUSEPORT), so the system
// would let a second server join the first one's port in silence.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace longwire::daemon {

struct ListenKey {
  std::string_view key;  // "xmpp.listen"
  std::string value;     // "127.0.0.1:5222"; empty or port 0: nothing to check
};

// kAlreadyExists names the first key whose port somebody listens on, and how to change it;
// kInvalidArgument one that is no address.
Status check_addresses_free(const std::vector<ListenKey>& keys);

}  // namespace longwire::daemon
