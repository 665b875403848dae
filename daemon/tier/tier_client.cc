#include "daemon/tier/tier_client.h"

#include <utility>

#include "base/net/dialer.h"
#include "daemon/tier/tier_socket.h"
#include "middle/remote/remote_link.h"

namespace longwire::daemon {
namespace {

using middle::remote::RemoteNode;

Error nobody() {
  return {ErrorCode::kUnavailable, "no connection to the middle tier",
          std::chrono::milliseconds(200)};
}

// The node and its socket. Lives while the link does; once the socket is closed calls wait for
// nothing and are answered at their deadline, unless the owner destroys the link before.
class Connected final {
 public:
  Connected(net::Loop& loop, const Environment& environment, net::Descriptor socket,
            const net::Address& address, std::unique_ptr<net::TlsSession> tls,
            middle::FrontEnd* front_end)
      : socket_(loop, std::move(socket), address, std::move(tls),
                [this](net::CloseReason) { node_.channel().end(); }),
        node_(environment, {}, socket_, front_end) {
    socket_.lead_to(node_.channel());
  }
  RemoteNode& node() { return node_; }

 private:
  TierSocket socket_;
  RemoteNode node_;
};

}  // namespace

void connect_tier(net::Loop& loop, const Environment& environment, const net::Address& address,
                  std::unique_ptr<net::TlsSession> tls, middle::NodeId node,
                  middle::FrontEnd* front_end, Callback<middle::MiddleLink> done) {
  auto socket = net::connect_tcp(address);
  if (!socket.ok()) {
    return loop.post([done = std::move(done), error = socket.error()]() mutable { done(error); });
  }
  const auto connected = std::make_shared<Connected>(loop, environment, std::move(*socket), address,
                                                     std::move(tls), front_end);
  connected->node().greet(node, [connected, node, environment, done = std::move(done)](
                                    Result<middle::wire::Welcome> welcome) mutable {
    if (!welcome.ok()) return done(nobody());
    done(middle::remote::make_remote_link({connected, &connected->node()}, std::move(node),
                                          welcome->partitions, environment, {}));
  });
}

}  // namespace longwire::daemon
