#pragma once

// What the world is to a component: where its work runs, what time it is, where luck comes from,
// where to speak. Production, tests and the simulator each build their own; nothing reaches around
// it.

#include "base/clock.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"

namespace longwire {

// A bundle of references; everything in it outlives whoever is given it.
struct Environment {
  Executor& executor;
  const Clock& clock;
  Random& random;
  LogSink& log;
  Metrics& metrics;
};

}  // namespace longwire
