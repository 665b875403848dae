#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <variant>

#include "base/check.h"
#include "base/guarded.h"

namespace longwire {
namespace {

const std::vector<double>& latency_bounds() {
  static const std::vector<double> bounds = {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002,
                                             0.005,   0.01,   0.02,   0.05,   0.1,   0.2,
                                             0.5,     1.0,    2.0,    5.0,    10.0};
  return bounds;
}

// HELP text escapes backslash and newline; label values the quote too.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (char c : text) {
    if (c == '\\') {
      out.append("\\\\");
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '"' && quotes) {
      out.append("\\\"");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// a="b",c="d" — without braces, so that a histogram can add its own.
std::string label_text(const MetricLabels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out.push_back(',');
    out.append(fmt::format("{}=\"{}\"", name, escaped(value, true)));
  }
  return out;
}

std::string in_braces(std::string_view labels) {
  return labels.empty() ? std::string() : fmt::format("{{{}}}", labels);
}

using Instrument =
    std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>>;
constexpr std::string_view kTypeNames[] = {"counter", "gauge", "histogram"};

void render_histogram(std::string_view name, std::string_view labels, const Histogram& histogram,
                      std::string& out) {
  const std::string_view comma = labels.empty() ? "" : ",";
  const std::vector<std::uint64_t> counts = histogram.counts();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const auto& bounds = histogram.upper_bounds();
    const std::string bound = i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf";
    out.append(fmt::format("{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, comma, bound, total));
  }
  out.append(fmt::format("{}_sum{} {}\n", name, in_braces(labels), histogram.sum()));
  out.append(fmt::format("{}_count{} {}\n", name, in_braces(labels), total));
}

void render_instrument(std::string_view name, std::string_view labels, const Instrument& instrument,
                       std::string& out) {
  if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&instrument)) {
    out.append(fmt::format("{}{} {}\n", name, in_braces(labels), (*counter)->value()));
  } else if (const auto* gauge = std::get_if<std::unique_ptr<Gauge>>(&instrument)) {
    out.append(fmt::format("{}{} {}\n", name, in_braces(labels), (*gauge)->value()));
  } else {
    render_histogram(name, labels, *std::get<std::unique_ptr<Histogram>>(instrument), out);
  }
}

struct Family {
  std::string help;
  std::size_t type = 0;  // index into Instrument
  std::map<std::string, Instrument> by_labels;
};

using Families = std::map<std::string, Family, std::less<>>;

template <typename T, typename... Args>
T& find_or_make(Families& families, std::string_view name, std::string_view help,
                const MetricLabels& labels, Args&&... args) {
  const std::size_t type = Instrument(std::unique_ptr<T>()).index();
  auto [family, is_new] = families.try_emplace(std::string(name));
  if (is_new) family->second = {std::string(help), type, {}};
  CHECK(family->second.type == type);
  auto [found, is_new_label] = family->second.by_labels.try_emplace(label_text(labels));
  if (is_new_label) found->second = std::make_unique<T>(std::forward<Args>(args)...);
  return *std::get<std::unique_ptr<T>>(found->second);
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds)
    : upper_bounds_(std::move(upper_bounds)), counts_(upper_bounds_.size() + 1) {}

void Histogram::observe(double value) {
  const auto bound = std::lower_bound(upper_bounds_.begin(), upper_bounds_.end(), value);
  const auto index = static_cast<std::size_t>(bound - upper_bounds_.begin());
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> out;
  out.reserve(counts_.size());
  for (const auto& count : counts_) out.push_back(count.load(std::memory_order_relaxed));
  return out;
}

double Histogram::sum() const { return sum_.load(std::memory_order_relaxed); }

struct Metrics::State {
  Guarded<Families> families;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help,
                          const MetricLabels& labels) {
  return find_or_make<Counter>(*state_->families.lock(), name, help, labels);
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const MetricLabels& labels) {
  return find_or_make<Gauge>(*state_->families.lock(), name, help, labels);
}

Histogram& Metrics::latency(std::string_view name, std::string_view help,
                            const MetricLabels& labels) {
  return find_or_make<Histogram>(*state_->families.lock(), name, help, labels, latency_bounds());
}

std::optional<std::int64_t> Metrics::value(std::string_view name) const {
  const auto families = state_->families.lock();
  const auto family = families->find(name);
  if (family == families->end()) return std::nullopt;
  std::int64_t sum = 0;
  for (const auto& [labels, instrument] : family->second.by_labels) {
    if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&instrument)) {
      sum += static_cast<std::int64_t>((*counter)->value());
    } else if (const auto* gauge = std::get_if<std::unique_ptr<Gauge>>(&instrument)) {
      sum += (*gauge)->value();
    }
  }
  return sum;
}

std::optional<Observed> Metrics::observed(std::string_view name) const {
  const auto families = state_->families.lock();
  const auto family = families->find(name);
  if (family == families->end()) return std::nullopt;
  std::optional<Observed> all;
  for (const auto& [labels, instrument] : family->second.by_labels) {
    const auto* histogram = std::get_if<std::unique_ptr<Histogram>>(&instrument);
    if (histogram == nullptr) return std::nullopt;
    const std::vector<std::uint64_t> counts = (*histogram)->counts();
    if (!all) all = {(*histogram)->upper_bounds(), std::vector<std::uint64_t>(counts.size())};
    for (std::size_t i = 0; i < counts.size(); ++i) all->counts[i] += counts[i];
  }
  return all;
}

std::string Metrics::render() const {
  std::string out;
  const auto families = state_->families.lock();
  for (const auto& [name, family] : *families) {
    out.append(fmt::format("# HELP {} {}\n", name, escaped(family.help, false)));
    out.append(fmt::format("# TYPE {} {}\n", name, kTypeNames[family.type]));
    for (const auto& [labels, instrument] : family.by_labels) {
      render_instrument(name, labels, instrument, out);
    }
  }
  return out;
}

Metrics& unseen_metrics() {
  static Metrics metrics;
  return metrics;
}

}  // namespace longwire
