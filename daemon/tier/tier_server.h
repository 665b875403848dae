#pragma once

// TierServer: a middle node's port for front ends and nodes of other processes, on one loop.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/environment.h"
#include "base/net/listener.h"
#include "base/net/loop.h"
#include "daemon/tier/complaints.h"
#include "daemon/tier/tier_tls.h"
#include "middle/remote/served_node.h"

namespace longwire::daemon {

// Strangers are connections that have not said hello: they do not take the places of the cluster.
// All loops of a large front end may come at once.
struct TierLimits {
  std::size_t connections_max = 4096;
  std::size_t strangers_max = 1024;
  std::size_t strangers_per_address_max = 128;
  std::chrono::milliseconds hello_within{10'000};
  // Who dials pings: one over which nothing comes for so long has nobody at its other end.
  std::chrono::milliseconds silent_max{30'000};
  std::chrono::milliseconds sweep_every{5'000};
};

struct TierParts {
  net::Loop& loop;
  Environment environment;  // its executor is `loop`
  middle::remote::ServedNode node;
  TierTls* tls = nullptr;  // null: plain
  TierLimits limits = {};
};

// Loop-bound. All that is given outlives it.
class TierServer final {
 public:
  explicit TierServer(TierParts parts);
  // Ends all connections: before Middle::stop.
  ~TierServer();
  TierServer(const TierServer&) = delete;
  TierServer& operator=(const TierServer&) = delete;

  void start(std::unique_ptr<net::Listener> listener);
  std::size_t connection_count() const { return connections_.size(); }

 private:
  class Served;

  void accept(net::Descriptor socket, net::Address peer);
  bool has_too_many_strangers(const std::string& ip) const;
  void sweep_later();
  void sweep();

  const TierParts parts_;
  const Logger log_;
  Complaints complaints_;
  std::unique_ptr<net::Listener> listener_;
  std::uint64_t last_number_ = 0;
  TimerId sweep_timer_ = TimerId::kNone;
  std::unordered_map<std::uint64_t, std::unique_ptr<Served>> connections_;
};

}  // namespace longwire::daemon
