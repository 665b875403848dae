#include "daemon/tier/net_dialer.h"

#include <utility>

#include "base/check.h"
#include "base/net/connection.h"
#include "base/net/dialer.h"
#include "daemon/tier/tier_socket.h"

namespace longwire::daemon {
namespace {

using middle::cluster::DialListener;
using middle::cluster::NodeAddress;
using middle::remote::Wire;

// Of a connection that ended before the node said anything.
std::string why_ended(net::Connection& connection, net::CloseReason reason) {
  net::TlsSession* tls = connection.tls();
  if (reason == net::CloseReason::kUnreachable) return "nobody listens there";
  if (reason == net::CloseReason::kTimeout) return "it does not answer";
  if (tls == nullptr) {
    return "it ended the connection without a word: if it wants TLS, set tier.tls_certificate, "
           "tier.tls_key and tier.tls_ca here too";
  }
  if (!tls->failure().empty()) {
    return tls->failure() + ": see tier.tls_certificate and tier.tls_ca, here and there";
  }
  if (!tls->handshake_done()) {
    return "it ended the connection in the handshake: if it speaks no TLS, set "
           "tier.tls_certificate, tier.tls_key and tier.tls_ca there too";
  }
  return "it ended the connection after the handshake: its log says why";
}

// A connection as what was dialled.
class DialledSocket final : public Wire, public net::ConnectionHandler {
 public:
  struct Parts {
    NodeAddress node;
    net::Descriptor socket;
    net::Address peer;
    std::unique_ptr<net::TlsSession> tls;
  };
  DialledSocket(net::Loop& loop, Parts parts, Complaints& complaints, DialListener& listener)
      : node_(std::move(parts.node)),
        complaints_(complaints),
        listener_(listener),
        connection_(loop, std::move(parts.socket), std::move(parts.peer), tier_connection_limits(),
                    std::move(parts.tls), *this) {}

  void write(BytesView bytes) override {
    if (!connection_.closing()) connection_.write(bytes);
  }
  void on_data(net::Connection&, BytesView data) override {
    if (!std::exchange(heard_, true)) complaints_.forget(node_);
    listener_.on_bytes(data);
  }
  void on_closed(net::Connection& connection, net::CloseReason reason) override {
    if (!heard_) complaints_.add(node_, why_ended(connection, reason));
    listener_.on_hung_up();
  }

 private:
  const NodeAddress node_;
  Complaints& complaints_;
  DialListener& listener_;
  bool heard_ = false;
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

std::unique_ptr<Wire> NetDialer::dial(const NodeAddress& address, DialListener& listener) {
  auto peer = net::parse_peer(address);
  auto socket = peer.ok() ? net::connect_tcp(*peer) : Result<net::Descriptor>(peer.error());
  if (!socket.ok()) {
    complaints_.add(address, socket.error().message);
    return std::make_unique<NoSocket>(loop_, listener);
  }
  auto tls = peer->is_unix() ? nullptr : tls_.dial();
  return std::make_unique<DialledSocket>(
      loop_, DialledSocket::Parts{address, std::move(*socket), std::move(*peer), std::move(tls)},
      complaints_, listener);
}

middle::cluster::Dialer& Dialers::of(Executor& executor) {
  auto* loop = dynamic_cast<net::Loop*>(&executor);
  CHECK(loop != nullptr);
  auto dialers = dialers_.lock();
  auto& dialer = (*dialers)[&executor];
  if (!dialer) dialer = std::make_unique<NetDialer>(*loop, tls_, complaints_);
  return *dialer;
}

}  // namespace longwire::daemon
