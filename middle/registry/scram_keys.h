#pragma once

// RFC 5802 key derivation: what is kept of a password.

#include "base/random.h"
#include "middle/model/registry.h"

namespace longwire::middle {

// Costs some milliseconds of CPU: the iterations are the point of it.
Credentials derive_credentials(std::string_view password, Random& random);

}  // namespace longwire::middle
