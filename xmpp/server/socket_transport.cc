#include "xmpp/server/socket_transport.h"

#include <utility>

namespace longwire::xmpp {

SocketTransport::SocketTransport(SessionHost& host, TransportOwner& owner, net::Loop& loop,
                                 Socket socket, std::unique_ptr<net::TlsSession> tls)
    : owner_(owner),
      metrics_(host.metrics),
      connection_(loop, std::move(socket.descriptor), std::move(socket.peer), socket.limits,
                  std::move(tls), *this),
      stream_(host, *this, connection_.tls() != nullptr) {}

SocketTransport::SocketTransport(SessionHost& host, TransportOwner& owner, net::Loop& loop,
                                 net::Connection::Released released, net::ConnectionLimits limits)
    : owner_(owner),
      metrics_(host.metrics),
      connection_(loop, std::move(released), limits, *this),
      stream_(host, *this, true) {}

ChannelBindings SocketTransport::channel_bindings() {
  net::TlsSession* tls = connection_.tls();
  if (tls == nullptr) return {};
  return {.exporter = tls->channel_binding_exporter(),
          .unique = tls->channel_binding_unique(),
          .end_point = tls->channel_binding_end_point()};
}

void SocketTransport::set_reading(bool reading) {
  if (reading) {
    connection_.resume_reading();
  } else {
    connection_.pause_reading();
  }
}

void SocketTransport::write(BytesView bytes) {
  metrics_.bytes_out.add(bytes.size());
  connection_.write(bytes);
}

void SocketTransport::on_data(net::Connection&, BytesView data) {
  metrics_.bytes_in.add(data.size());
  stream_.on_data(data);
}

void SocketTransport::on_write_blocked(net::Connection&) {
  blocked_ = true;
  stream_.on_writable(false);
}

void SocketTransport::on_write_resumed(net::Connection&) {
  blocked_ = false;
  stream_.on_writable(true);
}

void SocketTransport::on_closed(net::Connection&, net::CloseReason) {
  stream_.on_closed();
  owner_.transport_closed(*this);
}

}  // namespace longwire::xmpp
