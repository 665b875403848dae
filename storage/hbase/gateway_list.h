#pragma once

// GatewayList: which gateways there are, and which to leave alone for now. Gateways hold no state,
// so any will do.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "storage/hbase/options.h"

namespace longwire::storage::hbase {

// Thread-safe.
class GatewayList final {
 public:
  // All references outlive it.
  GatewayList(const Options& options, const Clock& clock, LogSink& log, Metrics& metrics);

  const std::string& address(std::size_t gateway) const { return gateways_[gateway]; }

  // The next in turn: of those that did not fail, else of those that may be tried again.
  // kUnavailable, with the time to wait: all failed lately.
  Result<std::size_t> pick();

  // What came of it: a good answer, or none at all. An error that HBase answers with is neither: it
  // says nothing against the gateway, and not that the gateway reaches HBase. A second failure in a
  // row begins a pause, which doubles with each further one.
  void succeeded(std::size_t gateway);
  void failed(std::size_t gateway, const Error& error);

 private:
  struct Health {
    int failures = 0;  // in a row
    MonotonicTime not_before{0};
  };
  struct State {
    std::vector<Health> health;
    std::size_t next = 0;
  };

  const Options& options_;
  const Clock& clock_;
  const Logger log_;
  const std::vector<std::string> gateways_;
  Gauge& down_;
  Guarded<State> state_;
};

}  // namespace longwire::storage::hbase
