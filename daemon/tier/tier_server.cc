#include "daemon/tier/tier_server.h"

#include <utility>

#include "daemon/tier/tier_socket.h"
#include "middle/remote/node_server.h"

namespace longwire::daemon {

// Refusals are told by the peer's address alone: its next attempt has another port.
class TierServer::Served final : public TierSocketListener {
 public:
  Served(TierServer& server, std::uint64_t number, net::Descriptor socket, net::Address peer)
      : server_(server),
        number_(number),
        peer_(peer),
        socket_(parts().loop, std::move(socket), std::move(peer),
                parts().tls != nullptr ? parts().tls->accept() : nullptr, *this),
        node_(parts().environment, {}, socket_, parts().middle, parts().partitions) {
    socket_.lead_to(node_.channel());
  }

  void on_known(const std::string& name) override {
    server_.log_.info("node_let_in", {{"peer", peer_.to_string()}, {"name", name}});
  }
  void on_ended(const std::string& refused) override {
    if (!refused.empty()) server_.complaints_.add(peer_.ip, refused);
    server_.connections_.erase(number_);
  }

 private:
  const TierParts& parts() const { return server_.parts_; }

  TierServer& server_;
  const std::uint64_t number_;
  const net::Address peer_;
  TierSocket socket_;
  middle::remote::NodeServer node_;
};

TierServer::TierServer(TierParts parts)
    : parts_(std::move(parts)),
      log_(parts_.environment.log, "tier"),
      complaints_(parts_.environment.log, parts_.environment.clock, "refused", "peer") {}

TierServer::~TierServer() = default;

void TierServer::start(std::unique_ptr<net::Listener> listener) {
  listener_ = std::move(listener);
  listener_->start([this](net::Descriptor socket, net::Address peer) {
    accept(std::move(socket), std::move(peer));
  });
}

void TierServer::accept(net::Descriptor socket, net::Address peer) {
  const std::uint64_t number = ++last_number_;
  connections_.emplace(number,
                       std::make_unique<Served>(*this, number, std::move(socket), std::move(peer)));
}

}  // namespace longwire::daemon
