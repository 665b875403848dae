#pragma once

// XEP-0082 date and time.

#include <string>

#include "base/clock.h"

namespace longwire::xmpp {

std::string utc_text(Timestamp time);  // "2026-11-21T01:02:03.004Z"

}  // namespace longwire::xmpp
