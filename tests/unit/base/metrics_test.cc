#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longwire {
namespace {

using testing::HasSubstr;

TEST(Metrics, renders_counters_and_gauges_by_family) {
  Metrics metrics;
  metrics.counter("sends_total", "Sends.", {{"target", "alias"}}).add(2);
  metrics.counter("sends_total", "Sends.", {{"target", "all"}}).add();
  metrics.gauge("open", "Open.").set(-3);
  EXPECT_EQ(metrics.render(),
            "# HELP open Open.\n# TYPE open gauge\nopen -3\n"
            "# HELP sends_total Sends.\n# TYPE sends_total counter\n"
            "sends_total{target=\"alias\"} 2\nsends_total{target=\"all\"} 1\n");
}

TEST(Metrics, gives_the_same_instrument_again) {
  Metrics metrics;
  Counter& counter = metrics.counter("n", "N.");
  EXPECT_EQ(&metrics.counter("n", "N."), &counter);
  EXPECT_NE(&metrics.counter("n", "N.", {{"a", "b"}}), &counter);
}

TEST(Metrics, escapes_help_and_labels) {
  Metrics metrics;
  metrics.counter("n", "a\\b\nc", {{"l", "q\"\\\n"}});
  EXPECT_EQ(metrics.render(), "# HELP n a\\\\b\\nc\n# TYPE n counter\nn{l=\"q\\\"\\\\\\n\"} 0\n");
}

TEST(Metrics, renders_histograms_cumulatively) {
  Metrics metrics;
  Histogram& histogram = metrics.latency("t", "T.", {{"a", "b"}});
  histogram.observe(0.00005);  // a bound belongs to its bucket
  histogram.observe(0.25);
  histogram.observe(100);
  const std::string page = metrics.render();
  EXPECT_THAT(page, HasSubstr("# TYPE t histogram\n"));
  EXPECT_THAT(page, HasSubstr("t_bucket{a=\"b\",le=\"5e-05\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("t_bucket{a=\"b\",le=\"0.2\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("t_bucket{a=\"b\",le=\"0.5\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("t_bucket{a=\"b\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("t_sum{a=\"b\"} 100.25005\n"));
  EXPECT_THAT(page, HasSubstr("t_count{a=\"b\"} 3\n"));
}

TEST(Metrics, values_of_one_name_are_told_together) {
  Metrics metrics;
  metrics.counter("sends_total", "Sends.", {{"target", "alias"}}).add(2);
  metrics.counter("sends_total", "Sends.", {{"target", "all"}}).add();
  metrics.latency("t", "T.", {{"a", "b"}}).observe(0.00005);
  metrics.latency("t", "T.", {{"a", "c"}}).observe(0.00001);
  EXPECT_EQ(metrics.value("sends_total"), 3);
  EXPECT_EQ(metrics.value("open"), std::nullopt);
  EXPECT_EQ(metrics.observed("t")->counts.front(), 2u);
  EXPECT_EQ(metrics.observed("t")->counts.size(), metrics.observed("t")->upper_bounds.size() + 1);
  EXPECT_FALSE(metrics.observed("sends_total").has_value());
}

TEST(Metrics, a_share_of_a_gauge_goes_with_who_had_it) {
  Metrics metrics;
  Gauge& gauge = metrics.gauge("n", "N.");
  GaugeShare one(gauge);
  one.set(3);
  {
    GaugeShare other(gauge);
    other.set(5);
    other.set(4);
    EXPECT_EQ(gauge.value(), 7);
  }
  EXPECT_EQ(gauge.value(), 3);
}

}  // namespace
}  // namespace longwire
