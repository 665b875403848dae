#include "http_front/api/route_metrics.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/support/manual_executor.h"

namespace longwire::http {
namespace {

TEST(RouteMetrics, Requests_are_counted_by_code_and_timed) {
  longwire::test::ManualClock clock;
  Metrics metrics;
  RouteMetrics route(metrics, clock, "/a");
  clock.advance(std::chrono::seconds(2));
  route.observe(0, std::chrono::seconds(1));
  route.observe(0, std::chrono::seconds(2));
  route.observe(404, std::chrono::seconds(2));
  const std::string page = metrics.render();
  for (const char* line : {"longwire_http_requests_total{route=\"/a\",code=\"0\"} 2",
                           "longwire_http_requests_total{route=\"/a\",code=\"404\"} 1",
                           "longwire_http_request_seconds_sum{route=\"/a\"} 1"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace longwire::http
