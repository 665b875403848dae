#pragma once

// Metrics in Prometheus text format (exposition format 0.0.4). Instruments are created once, at
// start, and then cost one relaxed atomic each.
//
//   Counter& sends = metrics.counter("longwire_sends_total", "Sends accepted.", {{"target",
//   "alias"}});

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longwire {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Thread-safe, all three.
class Counter final {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge final {
 public:
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// What one of several objects adds to a gauge that shows the sum over all; taken back at its end.
// Not thread-safe.
class GaugeShare final {
 public:
  explicit GaugeShare(Gauge& gauge) : gauge_(gauge) {}
  ~GaugeShare() { set(0); }
  GaugeShare(const GaugeShare&) = delete;
  GaugeShare& operator=(const GaugeShare&) = delete;

  void set(std::int64_t v) {
    if (v != value_) gauge_.add(v - std::exchange(value_, v));
  }

 private:
  Gauge& gauge_;
  std::int64_t value_ = 0;
};

// Counts of observations per upper bound, in seconds for latencies.
class Histogram final {
 public:
  explicit Histogram(std::vector<double> upper_bounds);
  void observe(double value);
  const std::vector<double>& upper_bounds() const { return upper_bounds_; }
  std::vector<std::uint64_t> counts() const;  // not cumulative; one more than bounds
  double sum() const;

 private:
  std::vector<double> upper_bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

// What histograms of one name have counted, together.
struct Observed {
  std::vector<double> upper_bounds;
  std::vector<std::uint64_t> counts;  // not cumulative; one more than bounds
};

// Owns all instruments; they live as long as it does. Asking again for the same name and labels
// gives the same instrument. Thread-safe.
class Metrics final {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  // Bounds: 50 µs to 10 s in steps of about 2.
  Histogram& latency(std::string_view name, std::string_view help, const MetricLabels& labels = {});

  // Counters or gauges of this name, of all labels together; empty: nobody asked for one.
  std::optional<std::int64_t> value(std::string_view name) const;
  std::optional<Observed> observed(std::string_view name) const;

  // The page that /metrics answers with.
  std::string render() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Metrics that nobody reads; for tests and tools. Thread-safe.
Metrics& unseen_metrics();

}  // namespace longwire
