#pragma once

// ProxyGate: between a Listener and who serves its connections: those that come from a proxy's
// network say first who is behind them (proxy_header.h), and are handed on with that address; all
// others are handed on as they come, whatever they say.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/metrics.h"
#include "base/net/listener.h"
#include "base/net/loop.h"
#include "base/net/networks.h"

namespace longwire::net {

struct ProxyGateLimits {
  std::chrono::milliseconds header_timeout{30'000};  // for the whole header
  std::size_t waiting_max = 5'000;                   // connections whose header is not complete
};

// Loop-bound.
class ProxyGate final {
 public:
  // `refused` counts connections closed for their header: none, a wrong one, too late, too many.
  // It and the loop outlive the gate.
  ProxyGate(Loop& loop, Networks proxies, ProxyGateLimits limits, Counter& refused,
            AcceptFunction on_accept);
  // Closes what waits.
  ~ProxyGate();
  ProxyGate(const ProxyGate&) = delete;
  ProxyGate& operator=(const ProxyGate&) = delete;

  // What the listener accepted. Nothing of it but the header is read.
  void accept(Descriptor socket, Address peer);

 private:
  class Waiting;

  void complete(std::uint64_t number);
  void refuse(std::uint64_t number);
  void arm();
  void expire();

  Loop& loop_;
  const Networks proxies_;
  const ProxyGateLimits limits_;
  Counter& refused_;
  const AcceptFunction on_accept_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Waiting>> waiting_;
  std::deque<std::pair<MonotonicTime, std::uint64_t>> deadlines_;  // all wait equally long
  TimerId timer_ = TimerId::kNone;
};

// The counter of a listener's gate.
Counter& proxy_refusals(Metrics& metrics, std::string_view listener);

}  // namespace longwire::net
