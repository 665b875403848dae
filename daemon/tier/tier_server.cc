#include "daemon/tier/tier_server.h"

#include <utility>

#include "daemon/tier/tier_socket.h"
#include "middle/remote/node_server.h"

namespace longwire::daemon {

class TierServer::Served final {
 public:
  Served(const TierParts& parts, net::Descriptor socket, net::Address peer,
         TierSocket::Closed closed)
      : socket_(parts.loop, std::move(socket), std::move(peer), parts.tls ? parts.tls() : nullptr,
                std::move(closed)),
        node_(parts.environment, {}, socket_, parts.node) {
    socket_.lead_to(node_.channel());
  }

 private:
  TierSocket socket_;
  middle::remote::NodeServer node_;
};

TierServer::TierServer(TierParts parts) : parts_(std::move(parts)) {}

TierServer::~TierServer() = default;

void TierServer::start(std::unique_ptr<net::Listener> listener) {
  listener_ = std::move(listener);
  listener_->start([this](net::Descriptor socket, net::Address peer) {
    accept(std::move(socket), std::move(peer));
  });
}

void TierServer::accept(net::Descriptor socket, net::Address peer) {
  const std::uint64_t number = ++last_number_;
  connections_.emplace(number, std::make_unique<Served>(parts_, std::move(socket), std::move(peer),
                                                        [this, number](net::CloseReason) {
                                                          connections_.erase(number);
                                                        }));
}

}  // namespace longwire::daemon
