#pragma once

// TierServer: a middle node's port for front ends and nodes of other processes, on one loop.

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/environment.h"
#include "base/net/listener.h"
#include "base/net/loop.h"
#include "daemon/tier/complaints.h"
#include "daemon/tier/tier_tls.h"
#include "middle/remote/served_node.h"

namespace longwire::daemon {

struct TierParts {
  net::Loop& loop;
  Environment environment;  // its executor is `loop`
  middle::remote::ServedNode node;
  TierTls* tls = nullptr;  // null: plain
};

// Who dials pings: a connection over which nothing comes for 30 seconds has nobody at its other
// end. Loop-bound. All that is given outlives it.
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
