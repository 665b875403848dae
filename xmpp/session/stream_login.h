#pragma once

// What a stream needs only until it is bound. Inside of xmpp/session.

#include <memory>
#include <string>

#include "xmpp/session/stream.h"

namespace longwire::xmpp {

struct Stream::Login {
  MonotonicTime deadline{};
  std::size_t bytes = 0;
  int attempts_failed = 0;
  bool header_sent = false;
  std::unique_ptr<SaslServer> sasl;  // an attempt under way
  std::string resumption;            // asked for; see Moved
  std::uint32_t client_count = 0;
};

}  // namespace longwire::xmpp
