#pragma once

// GatewayProbe: a thread that asks every gateway whether it serves. Links stay where they are while
// that works: without this nobody would hear that one which no link goes to has failed, or that one
// which they left serves again.

#include <condition_variable>
#include <thread>

#include "base/guarded.h"
#include "storage/hbase/gateway_list.h"
#include "storage/hbase/options.h"

namespace longwire::storage::hbase {

// Asks each gateway once, and tells the list what came of it. Blocks up to `connect_timeout` and
// `call_timeout` for each.
void probe_gateways(const Options& options, GatewayList& gateways);

// Thread-safe.
class GatewayProbe final {
 public:
  // All references outlive it. Probes every `probe_every`.
  GatewayProbe(const Options& options, GatewayList& gateways);
  // Waits for a probe under way.
  ~GatewayProbe();
  GatewayProbe(const GatewayProbe&) = delete;
  GatewayProbe& operator=(const GatewayProbe&) = delete;

 private:
  void run();

  const Options& options_;
  GatewayList& gateways_;
  Guarded<bool> stopping_{false};
  std::condition_variable stopped_;
  std::thread thread_;
};

}  // namespace longwire::storage::hbase
