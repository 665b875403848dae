#pragma once

// MiddleRole: the middle of this process: a node with its storage and its port, one of several
// nodes, or the way to nodes elsewhere, as tier.roles says.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/net/loop_thread.h"
#include "daemon/serve/back_ends.h"
#include "daemon/serve/server.h"
#include "daemon/tier/net_dialer.h"
#include "daemon/tier/tier_server.h"
#include "daemon/tier/tier_tls.h"
#include "middle/cluster/report_link.h"
#include "middle/middle.h"
#include "middle/ports/membership.h"
#include "middle/remote/report_board.h"

namespace longwire::daemon {

struct MiddleRoleParts {
  const Settings& settings;
  const DataPaths& paths;
  const ServerWorld& world;
  Executor& keys;  // derives keys from passwords
};

// Calls from the main thread; they block. What is given outlives it.
class MiddleRole final {
 public:
  explicit MiddleRole(MiddleRoleParts parts)
      : parts_(parts), dialers_(tls_, parts.world.log, parts.world.clock) {}
  ~MiddleRole() { stop(); }
  MiddleRole(const MiddleRole&) = delete;
  MiddleRole& operator=(const MiddleRole&) = delete;

  // A node elsewhere is waited for, for about 45 seconds.
  Status start();
  // Every link is destroyed by then. Of several nodes, this one gives its partitions away before it
  // ends, over the connections that it has.
  void stop();

  // For connections that come from now on; see load_tier_tls(). Any thread.
  void take_tls(TierTls::Contexts contexts) { tls_.take(std::move(contexts)); }

  middle::Middle& middle() { return *middle_; }
  BackEnds* back_ends() { return back_ends_.get(); }  // null: they are elsewhere
  // What other processes say of themselves to this one.
  middle::remote::ReportBoard& reports() { return reports_; }
  // To all nodes, on that loop; null: there is none but this.
  std::unique_ptr<middle::cluster::ReportLink> report_link(net::LoopThread& thread);
  std::uint16_t partitions() const;  // of the storage; 0: it is elsewhere
  const std::string& tier_address() const { return tier_address_; }
  net::LoopThread& thread() { return middle_thread_; }
  std::uint16_t tier_port() const { return tier_port_; }  // 0: none

 private:
  Environment environment(net::LoopThread& thread) const;
  Status start_node();
  Status reach_nodes();
  Status open_tier();
  void make_node();
  std::unique_ptr<middle::Membership> make_membership();
  middle::Member self() const;
  std::string random_name() const;
  Status start_workers_tier();
  std::unique_ptr<TierServer> serve_tier(std::unique_ptr<net::Listener> listener, TierTls* tls);
  void stop_tier();

  const MiddleRoleParts parts_;
  middle::remote::ReportBoard reports_{parts_.world.clock};
  net::LoopThread middle_thread_{"middle"};
  net::LoopThread tier_thread_{"tier"};
  TierTls tls_;
  Dialers dialers_;
  std::unique_ptr<BackEnds> back_ends_;
  std::unique_ptr<middle::Membership> membership_;  // bound to middle_thread_
  std::unique_ptr<middle::Middle> middle_;          // as is this
  middle::MiddleTier* node_ = nullptr;              // `middle_`, where it is here
  std::string tier_address_;
  std::uint16_t tier_port_ = 0;
  std::unique_ptr<net::Listener> tier_listener_;  // until tier_server_ has it
  std::unique_ptr<TierServer> tier_server_;       // bound to tier_thread_, as the next
  std::unique_ptr<TierServer> workers_tier_;
};

}  // namespace longwire::daemon
