#pragma once

// SocketTransport: one accepted connection: the net::Connection and the Stream on it. Inside of
// xmpp/server.

#include <memory>
#include <string>

#include "base/net/connection.h"
#include "xmpp/session/stream.h"
#include "xmpp/session/transport.h"

namespace longwire::xmpp {

class SocketTransport;

// The owner of transports. Loop-bound.
class TransportOwner {
 public:
  virtual ~TransportOwner() = default;
  virtual std::unique_ptr<net::TlsSession> new_tls_session() = 0;
  // The connection is closed: destroy the transport.
  virtual void transport_closed(SocketTransport& transport) = 0;
};

// Loop-bound.
class SocketTransport final : public Transport, public net::ConnectionHandler {
 public:
  struct Socket {
    net::Descriptor descriptor;
    net::Address peer;
    net::ConnectionLimits limits;
  };
  SocketTransport(SessionHost& host, TransportOwner& owner, net::Loop& loop, Socket socket,
                  std::unique_ptr<net::TlsSession> tls);

  SocketTransport(SessionHost& host, TransportOwner& owner, net::Loop& loop,
                  net::Connection::Released released, net::ConnectionLimits limits);

  Stream& stream() { return stream_; }
  net::Connection& connection() { return connection_; }
  std::uint32_t slot = 0;  // the owner's, all three
  bool pinged = false;
  bool leaving = false;

  // Transport.
  void write(BytesView bytes) override;
  void start_tls() override { connection_.start_tls(owner_.new_tls_session()); }
  ChannelBindings channel_bindings() override;
  void close() override { connection_.close_after_flush(); }
  void set_reading(bool reading) override;
  bool blocked() const override { return blocked_; }
  const std::string& peer_ip() const override { return connection_.peer().ip; }

  // ConnectionHandler.
  void on_data(net::Connection& connection, BytesView data) override;
  void on_write_blocked(net::Connection& connection) override;
  void on_write_resumed(net::Connection& connection) override;
  void on_closed(net::Connection& connection, net::CloseReason reason) override;

 private:
  TransportOwner& owner_;
  XmppMetrics& metrics_;
  net::Connection connection_;
  Stream stream_;
  bool blocked_ = false;
};

}  // namespace longwire::xmpp
