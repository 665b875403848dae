#pragma once

// Reporter: says once a second how this process is, to all middle nodes, and asks them how all are.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/environment.h"
#include "base/function.h"
#include "daemon/control/control_table.h"
#include "daemon/status/recent_latency.h"
#include "middle/cluster/report_link.h"
#include "middle/remote/report_board.h"

namespace longwire::daemon {

struct ReporterParts {
  Environment environment;                            // its executor is the reporter's loop
  middle::remote::ReportBoard& board;                 // of this process
  std::unique_ptr<middle::cluster::ReportLink> link;  // null: there are no other nodes
  middle::ProcessReport self;                         // without uptime and numbers
  std::uint16_t partitions = 0;                       // of the storage, where it is here
};

// Loop-bound. What is given by reference outlives it.
class Reporter final {
 public:
  explicit Reporter(ReporterParts parts);
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  // All processes that were heard of, here or by a node that answers.
  void ask(Callback<std::vector<middle::KeptReport>> done);

  // "status". It outlives the table's use.
  void add_control(ControlTable& table);

 private:
  void report();
  middle::ProcessReport now();
  void add_numbers(std::vector<middle::NamedNumber>& numbers);

  ReporterParts parts_;
  const MonotonicTime started_;
  RecentLatency commits_;
  TimerId timer_ = TimerId::kNone;
};

}  // namespace longwire::daemon
