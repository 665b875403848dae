#pragma once

// TierSocket: a connection as the Wire of a remote::Channel: what comes goes to the channel, and
// what is no message ends the connection.

#include <memory>
#include <utility>

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
class TierSocket final : public middle::remote::Wire, public net::ConnectionHandler {
 public:
  using Closed = UniqueFunction<void(net::CloseReason)>;

  // `loop` outlives it. `closed` is called once, and may destroy it.
  TierSocket(net::Loop& loop, net::Descriptor socket, net::Address peer,
             std::unique_ptr<net::TlsSession> tls, Closed closed)
      : closed_(std::move(closed)),
        connection_(loop, std::move(socket), std::move(peer), tier_connection_limits(),
                    std::move(tls), *this) {}

  // Where bytes go from now on; it outlives the socket.
  void lead_to(middle::remote::Channel& channel) { channel_ = &channel; }
  void close() { connection_.abort(); }
  MonotonicTime last_read() const { return connection_.last_read(); }

  void write(BytesView bytes) override {
    if (!connection_.closing()) connection_.write(bytes);
  }
  void on_data(net::Connection& connection, BytesView data) override {
    if (channel_ == nullptr || !channel_->feed(data).ok()) connection.abort();
  }
  void on_closed(net::Connection&, net::CloseReason reason) override { closed_(reason); }

 private:
  middle::remote::Channel* channel_ = nullptr;
  Closed closed_;
  net::Connection connection_;
};

}  // namespace longwire::daemon
