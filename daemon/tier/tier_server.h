#pragma once

// TierServer: a middle tier's port for front ends of other processes, on one loop.

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "base/environment.h"
#include "base/net/listener.h"
#include "base/net/loop.h"
#include "base/net/tls.h"
#include "daemon/tier/net_dialer.h"
#include "middle/remote/served_node.h"

namespace longwire::daemon {

struct TierParts {
  net::Loop& loop;
  Environment environment;  // its executor is `loop`
  middle::remote::ServedNode node;
  TierTls tls;  // empty: plain
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

  const TierParts parts_;
  std::unique_ptr<net::Listener> listener_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Served>> connections_;
};

}  // namespace longwire::daemon
