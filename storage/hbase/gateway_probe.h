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

// Asks one gateway, and tells the list what came of it. Blocks up to `connect_timeout` and
// `call_timeout`.
void probe_gateway(const Options& options, GatewayList& gateways, std::size_t gateway);

// Thread-safe.
class GatewayProbe final {
 public:
  // All references outlive it. Probes every `probe_every`.
  GatewayProbe(const Options& options, GatewayList& gateways);
  // Waits for the answer of the gateway that is being asked.
  ~GatewayProbe();
  GatewayProbe(const GatewayProbe&) = delete;
  GatewayProbe& operator=(const GatewayProbe&) = delete;

  // The end of it begins. Does not wait.
  void stop();

 private:
  void run();
  // False: the end.
  bool pause();

  const Options& options_;
  GatewayList& gateways_;
  Guarded<bool> stopping_{false};
  std::condition_variable stopped_;
  std::thread thread_;
};

}  // namespace longwire::storage::hbase
