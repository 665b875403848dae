#pragma once

// ReportLink: a process's way to tell all middle nodes how it is, and to ask them how all are.

#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/function.h"
#include "middle/cluster/dialer.h"
#include "middle/model/ids.h"
#include "middle/model/process_report.h"

namespace longwire::middle::cluster {

// Loop-bound.
class ReportLink {
 public:
  virtual ~ReportLink() = default;
  // To each node that is linked now; may get lost.
  virtual void tell(const ProcessReport& report) = 0;
  // What the nodes that answer know, together; a node that is silent is waited for two seconds.
  virtual void ask(Callback<std::vector<KeptReport>> done) = 0;
  virtual std::size_t linked() const = 0;
};

// Connects by itself, from the seeds to all nodes that they tell of. Loop-bound to
// environment.executor; `dialer` outlives it.
std::unique_ptr<ReportLink> make_report_link(const Environment& environment, NodeId self,
                                             std::vector<NodeAddress> seeds, Dialer& dialer);

}  // namespace longwire::middle::cluster
