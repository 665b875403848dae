#pragma once

// A session without connection. Inside of xmpp/session.

#include "xmpp/session/session.h"

namespace longwire::xmpp {

struct Session::Detached {
  MonotonicTime deadline{};
  // A stream that asked to resume and waits for stanzas under way.
  StreamHandle waiting{};
  std::uint32_t client_count = 0;
};

}  // namespace longwire::xmpp
