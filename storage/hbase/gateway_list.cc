#include "storage/hbase/gateway_list.h"

#include <algorithm>

namespace longwire::storage::hbase {
namespace {

constexpr int kDoublingsMax = 20;

}  // namespace

GatewayList::GatewayList(const Options& options, const Clock& clock, LogSink& log, Metrics& metrics)
    : options_(options),
      clock_(clock),
      log_(log, "hbase"),
      gateways_(options.gateways),
      down_(metrics.gauge("longwire_hbase_gateways_down",
                          "Gateways whose last connection or call failed.")) {
  state_.lock()->health.resize(gateways_.size());
}

Result<std::size_t> GatewayList::pick() {
  const MonotonicTime now = clock_.monotonic();
  auto state = state_.lock();
  MonotonicTime wait = options_.backoff_max;
  for (const bool failed_too : {false, true}) {
    for (std::size_t i = 0; i < gateways_.size(); ++i) {
      const std::size_t gateway = state->next++ % gateways_.size();
      const Health& health = state->health[gateway];
      if (health.failures > 0 && !failed_too) continue;
      const MonotonicTime left = health.not_before - now;
      if (left <= MonotonicTime(0)) return gateway;
      wait = std::min(wait, left);
    }
  }
  return Error{ErrorCode::kUnavailable, "no HBase gateway answers",
               std::chrono::ceil<std::chrono::milliseconds>(wait)};
}

void GatewayList::succeeded(std::size_t gateway) {
  auto state = state_.lock();
  Health& health = state->health[gateway];
  if (health.failures > 0) {
    down_.add(-1);
    log_.info("gateway_up", {{"gateway", gateways_[gateway]}});
  }
  health = {};
}

void GatewayList::failed(std::size_t gateway, const Error& error) {
  auto state = state_.lock();
  Health& health = state->health[gateway];
  if (health.failures++ == 0) {
    down_.add(1);
    log_.warn("gateway_down", {{"gateway", gateways_[gateway]}, {"error", error.message}});
  }
  if (health.failures == 1) return;  // one broken connection is no broken gateway
  const int doublings = std::min(health.failures - 2, kDoublingsMax);
  const auto pause = std::min(options_.backoff_min * (1 << doublings), options_.backoff_max);
  health.not_before = clock_.monotonic() + pause;
}

}  // namespace longwire::storage::hbase
