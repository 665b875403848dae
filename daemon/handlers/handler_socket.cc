#include "daemon/handlers/handler_socket.h"

#include <utility>

#include "base/net/connection.h"
#include "base/net/dialer.h"

namespace longwire::daemon {
namespace {

class HandlerSocket final : public channels::HandlerWire, public net::ConnectionHandler {
 public:
  HandlerSocket(net::Loop& loop, net::Descriptor socket, const net::Address& peer,
                channels::HandlerWireEvents& events)
      : events_(events), connection_(loop, std::move(socket), peer, {}, nullptr, *this) {}

  void write(BytesView bytes) override {
    if (!connection_.closing()) connection_.write(bytes);
  }
  bool blocked() const override { return blocked_; }
  void close() override {
    if (!connection_.closing()) connection_.abort();
  }

  void on_data(net::Connection&, BytesView data) override { events_.on_data(data); }
  void on_write_blocked(net::Connection&) override { blocked_ = true; }
  void on_write_resumed(net::Connection&) override { blocked_ = false; }
  void on_closed(net::Connection&, net::CloseReason) override { events_.on_closed(); }

 private:
  channels::HandlerWireEvents& events_;
  bool blocked_ = false;
  net::Connection connection_;
};

}  // namespace

channels::HandlerDial handler_dial(net::Loop& loop, net::Address address) {
  return [&loop, address = std::move(address)](
             channels::HandlerWireEvents& events) -> std::unique_ptr<channels::HandlerWire> {
    auto socket = net::connect_tcp(address);
    if (!socket.ok()) return nullptr;
    return std::make_unique<HandlerSocket>(loop, std::move(*socket), address, events);
  };
}

}  // namespace longwire::daemon
