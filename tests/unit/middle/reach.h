#pragma once

// How the tests of the middle reach it: in their own process, through the wire between two, or as
// one of several nodes. The same tests are linked with each.

#include <memory>

#include "base/environment.h"
#include "middle/middle.h"

namespace longwire::middle {

// A middle tier and a link to it. Loop-bound to environment.executor.
class Reached {
 public:
  virtual ~Reached() = default;  // a crash: the link has to be gone by then
  virtual void start(Callback<void> done) = 0;
  virtual MiddleLink connect(NodeId node, FrontEnd& front_end) = 0;
};

std::unique_ptr<Reached> reach(const MiddleConfig& config, const Environment& environment,
                               PartitionStore& store, Directory& directory, Executor& keys);

}  // namespace longwire::middle
