#include "daemon/tier/net_dialer.h"

#include <utility>

#include "base/check.h"
#include "base/net/connection.h"
#include "base/net/dialer.h"
#include "daemon/tier/tier_socket.h"

namespace longwire::daemon {
namespace {

using middle::cluster::DialListener;
using middle::remote::Wire;

// A connection as what was dialled.
class DialledSocket final : public Wire, public net::ConnectionHandler {
 public:
  DialledSocket(net::Loop& loop, net::Descriptor socket, net::Address peer,
                std::unique_ptr<net::TlsSession> tls, DialListener& listener)
      : listener_(listener),
        connection_(loop, std::move(socket), std::move(peer), tier_connection_limits(),
                    std::move(tls), *this) {}

  void write(BytesView bytes) override {
    if (!connection_.closing()) connection_.write(bytes);
  }
  void on_data(net::Connection&, BytesView data) override { listener_.on_bytes(data); }
  void on_closed(net::Connection&, net::CloseReason) override { listener_.on_hung_up(); }

 private:
  DialListener& listener_;
  net::Connection connection_;
};

// One that cannot even be tried: that is told by a later turn.
class NoSocket final : public Wire {
 public:
  NoSocket(net::Loop& loop, DialListener& listener) : loop_(loop) {
    timer_ = loop.schedule(std::chrono::milliseconds(0), [&listener, this] {
      timer_ = TimerId::kNone;
      listener.on_hung_up();
    });
  }
  ~NoSocket() override { loop_.cancel(timer_); }
  void write(BytesView) override {}

 private:
  net::Loop& loop_;
  TimerId timer_ = TimerId::kNone;
};

}  // namespace

std::unique_ptr<Wire> NetDialer::dial(const middle::cluster::NodeAddress& address,
                                      DialListener& listener) {
  auto peer = net::parse_peer(address);
  if (!peer.ok()) return std::make_unique<NoSocket>(loop_, listener);
  auto socket = net::connect_tcp(*peer);
  if (!socket.ok()) return std::make_unique<NoSocket>(loop_, listener);
  return std::make_unique<DialledSocket>(loop_, std::move(*socket), std::move(*peer),
                                         tls_ ? tls_() : nullptr, listener);
}

middle::cluster::Dialer& Dialers::of(Executor& executor) {
  auto* loop = dynamic_cast<net::Loop*>(&executor);
  CHECK(loop != nullptr);
  auto dialers = dialers_.lock();
  auto& dialer = (*dialers)[&executor];
  if (!dialer) dialer = std::make_unique<NetDialer>(*loop, tls_);
  return *dialer;
}

}  // namespace longwire::daemon
