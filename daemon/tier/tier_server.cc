#include "daemon/tier/tier_server.h"

#include <utility>

#include "daemon/tier/tier_socket.h"
#include "middle/remote/node_server.h"

namespace longwire::daemon {
namespace {
constexpr std::size_t kConnectionsMax = 4096;
constexpr std::chrono::milliseconds kSilentMax{30'000};
constexpr std::chrono::milliseconds kSweepEvery{5'000};
}  // namespace

// Refusals are told by the peer's address alone: its next attempt has another port.
class TierServer::Served final : public TierSocketListener {
 public:
  Served(TierServer& server, std::uint64_t number, net::Descriptor socket, net::Address peer)
      : server_(server),
        number_(number),
        peer_(peer),
        socket_(parts().loop, std::move(socket), std::move(peer),
                parts().tls != nullptr ? parts().tls->accept() : nullptr, *this),
        node_(parts().environment, {}, socket_, parts().node) {
    socket_.lead_to(node_.channel());
  }
  MonotonicTime last_read() const { return socket_.last_read(); }
  void close() { socket_.close(); }

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

TierServer::~TierServer() { parts_.loop.cancel(sweep_timer_); }

void TierServer::start(std::unique_ptr<net::Listener> listener) {
  listener_ = std::move(listener);
  listener_->start([this](net::Descriptor socket, net::Address peer) {
    accept(std::move(socket), std::move(peer));
  });
  sweep_later();
}

void TierServer::sweep_later() {
  sweep_timer_ = parts_.loop.schedule(kSweepEvery, [this] {
    sweep();
    sweep_later();
  });
}

void TierServer::sweep() {
  const MonotonicTime until = parts_.environment.clock.monotonic() - kSilentMax;
  for (auto& [number, served] : connections_) {
    if (served->last_read() < until) served->close();
  }
}

void TierServer::accept(net::Descriptor socket, net::Address peer) {
  if (connections_.size() >= kConnectionsMax) return;  // closed: it will try again
  const std::uint64_t number = ++last_number_;
  connections_.emplace(number,
                       std::make_unique<Served>(*this, number, std::move(socket), std::move(peer)));
}

}  // namespace longwire::daemon
