#include "base/net/proxy_gate.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/net/proxy_header.h"

namespace longwire::net {

// A connection whose header is not complete. Ends itself by a call of the gate, which destroys it.
class ProxyGate::Waiting final : public Watcher {
 public:
  Waiting(ProxyGate& its_gate, std::uint64_t its_number, Descriptor socket, Address its_peer)
      : gate_(its_gate),
        number_(its_number),
        socket_(std::move(socket)),
        peer_(std::move(its_peer)) {
    gate_.loop_.watch(socket_.get(), Interest::kRead, *this);
  }
  ~Waiting() override {
    if (socket_.valid()) gate_.loop_.unwatch(socket_.get());
  }

  void on_readable() override {
    char buffer[kProxyHeaderBytesMax];
    while (header_.wants() > 0) {
      const ssize_t size = recv(socket_.get(), buffer, header_.wants(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) return gate_.refuse(number_);
      if (!header_.feed({buffer, static_cast<std::size_t>(size)}).ok())
        return gate_.refuse(number_);
    }
    gate_.complete(number_);
  }
  void on_writable() override {}

  Descriptor take_socket() {
    gate_.loop_.unwatch(socket_.get());
    return std::move(socket_);
  }
  Address client() const { return header_.client().value_or(peer_); }

 private:
  ProxyGate& gate_;
  const std::uint64_t number_;
  Descriptor socket_;
  const Address peer_;
  ProxyHeader header_;
};

ProxyGate::ProxyGate(Loop& loop, Networks proxies, ProxyGateLimits limits, Counter& refused,
                     AcceptFunction on_accept)
    : loop_(loop),
      proxies_(std::move(proxies)),
      limits_(limits),
      refused_(refused),
      on_accept_(std::move(on_accept)) {}

ProxyGate::~ProxyGate() { loop_.cancel(timer_); }

void ProxyGate::accept(Descriptor socket, Address peer) {
  if (proxies_.empty() || !proxies_.contains(peer.ip))
    return on_accept_(std::move(socket), std::move(peer));
  if (waiting_.size() >= limits_.waiting_max) return refused_.add();
  const std::uint64_t number = ++last_number_;
  waiting_.emplace(number,
                   std::make_unique<Waiting>(*this, number, std::move(socket), std::move(peer)));
  deadlines_.emplace_back(loop_.turn_time() + limits_.header_timeout, number);
  arm();
}

void ProxyGate::complete(std::uint64_t number) {
  const auto found = waiting_.find(number);
  const std::unique_ptr<Waiting> done = std::move(found->second);
  waiting_.erase(found);
  Address client = done->client();
  on_accept_(done->take_socket(), std::move(client));
}

void ProxyGate::refuse(std::uint64_t number) {
  refused_.add();
  waiting_.erase(number);
}

// One timer for all: the earliest deadline is the first in the queue.
void ProxyGate::arm() {
  while (!deadlines_.empty() && !waiting_.contains(deadlines_.front().second))
    deadlines_.pop_front();
  if (timer_ != TimerId::kNone || deadlines_.empty()) return;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadlines_.front().first - loop_.turn_time());
  timer_ = loop_.schedule(std::max(left, std::chrono::milliseconds(1)), [this] { expire(); });
}

void ProxyGate::expire() {
  timer_ = TimerId::kNone;
  while (!deadlines_.empty() && deadlines_.front().first <= loop_.turn_time()) {
    const std::uint64_t number = deadlines_.front().second;
    deadlines_.pop_front();
    if (waiting_.contains(number)) refuse(number);
  }
  arm();
}

Counter& proxy_refusals(Metrics& metrics, std::string_view listener) {
  return metrics.counter("longwire_proxy_refused_total",
                         "Connections from a proxy's network closed for their PROXY header.",
                         {{"listener", std::string(listener)}});
}

}  // namespace longwire::net
