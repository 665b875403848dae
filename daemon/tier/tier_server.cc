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

class TierServer::Served final {
 public:
  Served(const TierParts& parts, net::Descriptor socket, net::Address peer,
         TierSocket::Closed closed)
      : socket_(parts.loop, std::move(socket), std::move(peer), parts.tls ? parts.tls() : nullptr,
                std::move(closed)),
        node_(parts.environment, {}, socket_, parts.middle, parts.partitions) {
    socket_.lead_to(node_.channel());
  }
  MonotonicTime last_read() const { return socket_.last_read(); }
  void close() { socket_.close(); }

 private:
  TierSocket socket_;
  middle::remote::NodeServer node_;
};

TierServer::TierServer(TierParts parts) : parts_(std::move(parts)) {}

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
  connections_.emplace(number, std::make_unique<Served>(parts_, std::move(socket), std::move(peer),
                                                        [this, number](net::CloseReason) {
                                                          connections_.erase(number);
                                                        }));
}

}  // namespace longwire::daemon
