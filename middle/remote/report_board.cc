#include "middle/remote/report_board.h"

namespace longwire::middle::remote {

void ReportBoard::take(ProcessReport report) {
  const MonotonicTime now = clock_.monotonic();
  const auto noted = noted_.lock();
  std::erase_if(*noted, [&](const auto& one) { return now - one.second.at > kReportForgotten; });
  const Key key{report.place, report.pid};
  if (noted->size() >= kReportsMax && !noted->contains(key)) return;
  (*noted)[key] = {std::move(report), now};
}

std::vector<KeptReport> ReportBoard::list() const {
  const MonotonicTime now = clock_.monotonic();
  std::vector<KeptReport> reports;
  for (const auto& [key, one] : *noted_.lock()) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - one.at);
    if (age <= kReportForgotten) reports.push_back({one.report, age});
  }
  return reports;
}

}  // namespace longwire::middle::remote
