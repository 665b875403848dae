#pragma once

// RouteMetrics: requests of one route by code, and how long they took.

#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"

namespace longwire::http {

// Instruments are looked up once per code, then kept. Loop-bound.
class RouteMetrics final {
 public:
  RouteMetrics(Metrics& metrics, const Clock& clock, std::string route);
  void observe(int code, MonotonicTime started);

 private:
  Counter& counter(int code);

  Metrics& metrics_;
  const Clock& clock_;
  const std::string route_;
  Histogram& latency_;
  std::vector<std::pair<int, Counter*>> counters_;
};

}  // namespace longwire::http
