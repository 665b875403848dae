#pragma once

// TierSocket: a connection that came as the Wire of a remote::Channel: what comes goes to the
// channel, and what is no message ends the connection.

#include <memory>
#include <string>

#include "base/net/connection.h"
#include "middle/remote/channel.h"

namespace longwire::daemon {

// A burst of streams to a front end of many devices is no fault; one that never reads is.
inline net::ConnectionLimits tier_connection_limits() {
  net::ConnectionLimits limits;
  limits.write_limit = std::size_t{256} * 1024 * 1024;
  return limits;
}

// Loop-bound.
class TierSocketListener {
 public:
  virtual ~TierSocketListener() = default;
  // Over TLS only: the other end has shown who it is.
  virtual void on_known(const std::string& name) = 0;
  // Once, last; may destroy the socket. `refused`: why nothing could come about; empty: something
  // did, or the other end just left.
  virtual void on_ended(const std::string& refused) = 0;
};

// Loop-bound. Over TLS nothing reaches the channel before the other end has shown who it is.
class TierSocket final : public middle::remote::Wire, public net::ConnectionHandler {
 public:
  // `tls` null: plain. Loop and listener outlive it.
  TierSocket(net::Loop& loop, net::Descriptor socket, net::Address peer,
             std::unique_ptr<net::TlsSession> tls, TierSocketListener& listener);
  ~TierSocket() override;

  // Where bytes go from now on; it outlives the socket.
  void lead_to(middle::remote::Channel& channel) { channel_ = &channel; }
  void close() { connection_.abort(); }
  MonotonicTime last_read() const { return connection_.last_read(); }

  void write(BytesView bytes) override;
  void on_tls_established(net::Connection& connection) override;
  void on_data(net::Connection& connection, BytesView data) override;
  void on_closed(net::Connection& connection, net::CloseReason reason) override;

 private:
  net::Loop& loop_;
  TierSocketListener& listener_;
  middle::remote::Channel* channel_ = nullptr;
  TimerId handshake_timer_ = TimerId::kNone;
  std::string refused_;
  net::Connection connection_;
};

}  // namespace longwire::daemon
