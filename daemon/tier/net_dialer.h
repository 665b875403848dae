#pragma once

// NetDialer: middle nodes by sockets of one loop. Dialers: one for each loop.

#include <memory>
#include <string>
#include <unordered_map>

#include "base/guarded.h"
#include "base/net/loop.h"
#include "daemon/tier/complaints.h"
#include "daemon/tier/tier_tls.h"
#include "middle/cluster/dialer.h"

namespace longwire::daemon {

// Addresses are those of net::parse_peer; a socket of this machine is plain always: who may open it
// is the file system's to say. Loop-bound to `loop`; all that is given outlives it.
class NetDialer final : public middle::cluster::Dialer {
 public:
  NetDialer(net::Loop& loop, TierTls& tls, Complaints& complaints)
      : loop_(loop), tls_(tls), complaints_(complaints) {}

  std::unique_ptr<middle::remote::Wire> dial(const middle::cluster::NodeAddress& address,
                                             middle::cluster::DialListener& listener) override;

 private:
  net::Loop& loop_;
  TierTls& tls_;
  Complaints& complaints_;
};

// Thread-safe; what it gives belongs to the loop.
class Dialers final {
 public:
  // All that is given outlives it.
  Dialers(TierTls& tls, LogSink& log, const Clock& clock)
      : tls_(tls), complaints_(log, clock, "cannot_reach_node", "node") {}

  // `executor` is a net::Loop, and outlives this.
  middle::cluster::Dialer& of(Executor& executor);

  // Why the last try to reach a node failed; empty: it did not, or there was none.
  std::string why_not(const middle::cluster::NodeAddress& node) const {
    return complaints_.why(node);
  }

 private:
  TierTls& tls_;
  Complaints complaints_;
  Guarded<std::unordered_map<Executor*, std::unique_ptr<NetDialer>>> dialers_;
};

}  // namespace longwire::daemon
