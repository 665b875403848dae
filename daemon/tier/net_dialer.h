#pragma once

// NetDialer: middle nodes by sockets of one loop. Dialers: one for each loop.

#include <functional>
#include <memory>
#include <unordered_map>

#include "base/guarded.h"
#include "base/net/loop.h"
#include "base/net/tls.h"
#include "middle/cluster/dialer.h"

namespace longwire::daemon {

// TLS for a connection that begins now; null: plain. Called on the loop.
using TierTls = std::function<std::unique_ptr<net::TlsSession>()>;

// Addresses are those of net::parse_peer. Loop-bound to `loop`, which outlives it.
class NetDialer final : public middle::cluster::Dialer {
 public:
  NetDialer(net::Loop& loop, TierTls tls) : loop_(loop), tls_(std::move(tls)) {}

  std::unique_ptr<middle::remote::Wire> dial(const middle::cluster::NodeAddress& address,
                                             middle::cluster::DialListener& listener) override;

 private:
  net::Loop& loop_;
  const TierTls tls_;
};

// Thread-safe; what it gives belongs to the loop.
class Dialers final {
 public:
  // `tls` may be empty: plain.
  explicit Dialers(TierTls tls) : tls_(std::move(tls)) {}

  // `executor` is a net::Loop, and outlives this.
  middle::cluster::Dialer& of(Executor& executor);

 private:
  const TierTls tls_;
  Guarded<std::unordered_map<Executor*, std::unique_ptr<NetDialer>>> dialers_;
};

}  // namespace longwire::daemon
