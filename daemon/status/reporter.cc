#include "daemon/status/reporter.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "daemon/status/status_json.h"

namespace longwire::daemon {
namespace {

using std::chrono::milliseconds;
using Reports = std::vector<middle::KeptReport>;

constexpr milliseconds kReportEvery{1'000};
constexpr std::size_t kCommitLooks = 10;  // and so many seconds

struct Shown {
  std::string_view name;
  std::string_view metric;
};
constexpr Shown kShown[] = {
    {"workers", "longwire_worker_serving"},
    {"connections", "longwire_xmpp_connections"},
    {"sessions", "longwire_xmpp_sessions"},
    {"httpConnections", "longwire_http_connections"},
    {"partitions", "longwire_partitions_served"},
    {"feeds", "longwire_feeds_followed"},
    {"pending", "longwire_partition_pending"},
    {"laneItems", "longwire_lane_items"},
    {"underived", "longwire_hbase_underived_batches"},
    {"untaken", "longwire_entries_untaken"},
    {"calls", "longwire_calls_on_their_way"},
    {"callsWaiting", "longwire_calls_waiting"},
};

}  // namespace

Reporter::Reporter(ReporterParts parts)
    : parts_(std::move(parts)),
      started_(parts_.environment.clock.monotonic()),
      commits_(kCommitLooks) {
  report();
}

Reporter::~Reporter() { parts_.environment.executor.cancel(timer_); }

void Reporter::report() {
  middle::ProcessReport report = now();
  if (parts_.link) parts_.link->tell(report);
  parts_.board.take(std::move(report));
  timer_ = parts_.environment.executor.schedule(kReportEvery, [this] { this->report(); });
}

middle::ProcessReport Reporter::now() {
  middle::ProcessReport report = parts_.self;
  report.uptime =
      std::chrono::duration_cast<milliseconds>(parts_.environment.clock.monotonic() - started_);
  add_numbers(report.numbers);
  return report;
}

void Reporter::add_numbers(std::vector<middle::NamedNumber>& numbers) {
  const Metrics& metrics = parts_.environment.metrics;
  for (const Shown& shown : kShown) {
    if (const auto value = metrics.value(shown.metric)) {
      numbers.push_back({std::string(shown.name), *value});
    }
  }
  if (const auto observed = metrics.observed("longwire_partition_commit_seconds")) {
    if (const auto p99 = commits_.p99_us(*observed)) numbers.push_back({"commitP99Us", *p99});
  }
  if (parts_.partitions > 0) numbers.push_back({"partitionsAll", parts_.partitions});
  if (parts_.link) {
    numbers.push_back({"nodesLinked", static_cast<std::int64_t>(parts_.link->linked())});
  }
}

void Reporter::ask(Callback<Reports> done) {
  if (!parts_.link) return done(merge_reports(parts_.board.list()));
  parts_.link->ask(
      [mine = parts_.board.list(), d = std::move(done)](Result<Reports> heard) mutable {
        if (heard.ok()) std::move(heard->begin(), heard->end(), std::back_inserter(mine));
        d(merge_reports(std::move(mine)));
      });
}

void Reporter::add_control(ControlTable& table) {
  table.add("status", [this](const Json&, Callback<Json> done) {
    ask([d = std::move(done)](const Result<Reports>& reports) mutable {
      d(reports.ok() ? Result<Json>(status_json(*reports)) : reports.error());
    });
  });
}

}  // namespace longwire::daemon
