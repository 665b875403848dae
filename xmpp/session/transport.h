#pragma once

// Transport: the connection under a stream, as the stream sees it: a socket in production, a pipe
// in tests.

#include <string>

#include "base/bytes.h"
#include "xmpp/sasl/scram.h"

namespace longwire::xmpp {

// Loop-bound. No call comes back into the stream before it returns.
class Transport {
 public:
  virtual ~Transport() = default;
  // Gathered; sent at the end of the loop's turn.
  virtual void write(BytesView bytes) = 0;
  // From now on TLS, as a server. What came already is dropped.
  virtual void start_tls() = 0;
  virtual ChannelBindings channel_bindings() = 0;
  // Sends what is gathered, then closes. Nothing is read any more.
  virtual void close() = 0;
  virtual void set_reading(bool reading) = 0;
  // More is waiting to be sent than should be.
  virtual bool blocked() const = 0;
  virtual const std::string& peer_ip() const = 0;
};

}  // namespace longwire::xmpp
