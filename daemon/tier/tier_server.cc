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
        hello_until_(parts().environment.clock.monotonic() + limits().hello_within),
        socket_(parts().loop, std::move(socket), std::move(peer),
                parts().tls != nullptr ? parts().tls->accept() : nullptr, *this),
        node_(parts().environment, {}, socket_, parts().node) {
    socket_.lead_to(node_.channel());
  }
  bool is_stranger() const { return !node_.greeted(); }
  const std::string& ip() const { return peer_.ip; }
  bool has_nobody(MonotonicTime now) const {
    return socket_.last_read() + limits().silent_max < now || (is_stranger() && hello_until_ < now);
  }
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
  const TierLimits& limits() const { return parts().limits; }

  TierServer& server_;
  const std::uint64_t number_;
  const net::Address peer_;
  const MonotonicTime hello_until_;
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
  sweep_timer_ = parts_.loop.schedule(parts_.limits.sweep_every, [this] {
    sweep();
    sweep_later();
  });
}

void TierServer::sweep() {
  const MonotonicTime now = parts_.environment.clock.monotonic();
  for (auto& [number, served] : connections_) {
    if (served->has_nobody(now)) served->close();
  }
}

// Who is refused is closed, and will try again.
void TierServer::accept(net::Descriptor socket, net::Address peer) {
  if (connections_.size() >= parts_.limits.connections_max)
    return complaints_.add(peer.ip, "there are too many connections");
  if (has_too_many_strangers(peer.ip))
    return complaints_.add(peer.ip, "there are too many connections that have not said hello");
  const std::uint64_t number = ++last_number_;
  connections_.emplace(number,
                       std::make_unique<Served>(*this, number, std::move(socket), std::move(peer)));
}

bool TierServer::has_too_many_strangers(const std::string& ip) const {
  std::size_t all = 0;
  std::size_t of_address = 0;
  for (const auto& [number, served] : connections_) {
    if (!served->is_stranger()) continue;
    ++all;
    if (served->ip() == ip) ++of_address;
  }
  return all >= parts_.limits.strangers_max ||
         of_address >= parts_.limits.strangers_per_address_max;
}

}  // namespace longwire::daemon
