#pragma once

// WireLimits: what one process of the tiers accepts of another. Not hostile as a rule, but a fault
// there must not become one here.

#include <cstdint>

namespace longwire::middle::wire {

struct WireLimits {
  std::int32_t bytes_max = 16 * 1024 * 1024;  // one message; checked before anything else
  std::int32_t string_max = 4 * 1024 * 1024;  // one string or binary
  std::int32_t items_max = 65'536;            // one list
};

}  // namespace longwire::middle::wire
