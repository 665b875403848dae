#include "http_front/api/route_metrics.h"

#include <chrono>

namespace longwire::http {

RouteMetrics::RouteMetrics(Metrics& metrics, const Clock& clock, std::string route)
    : metrics_(metrics),
      clock_(clock),
      route_(std::move(route)),
      latency_(metrics.latency("longwire_http_request_seconds",
                               "From a request's last byte to its answer.", {{"route", route_}})) {}

void RouteMetrics::observe(int code, MonotonicTime started) {
  counter(code).add();
  latency_.observe(std::chrono::duration<double>(clock_.monotonic() - started).count());
}

Counter& RouteMetrics::counter(int code) {
  for (const auto& [known, counter] : counters_) {
    if (known == code) return *counter;
  }
  Counter& made = metrics_.counter("longwire_http_requests_total", "Requests answered.",
                                   {{"route", route_}, {"code", std::to_string(code)}});
  counters_.emplace_back(code, &made);
  return made;
}

}  // namespace longwire::http
