#pragma once

// `longwire storage export`: all that a storage holds, as one file.

#include <functional>
#include <string>

#include "base/environment.h"
#include "daemon/move/move_encoder.h"
#include "daemon/serve/back_ends.h"

namespace longwire::daemon {

// Told now and then how far it has come; quick.
using MoveProgress = std::function<void(const std::string& text)>;

// The machine's clock, but for the time of day, which stands: what expires while a storage is read
// or written does so afterwards. Immutable.
class MomentClock final : public Clock {
 public:
  // `clock` outlives it.
  MomentClock(Timestamp moment, const Clock& clock) : moment_(moment), clock_(clock) {}
  Timestamp now() const override { return moment_; }
  MonotonicTime monotonic() const override { return clock_.monotonic(); }

 private:
  const Timestamp moment_;
  const Clock& clock_;
};

// Writes a storage that was opened with a MomentClock. Takes all partitions over first, and brings
// the index of topics up to date as a server would. Blocks, long; from the main thread, with
// environment.executor a loop of another. kDeposed: a server works on it; what was written by then
// is not to be kept.
Result<MoveSummary> export_storage(BackEnds& back_ends, Environment environment, ByteSink& sink,
                                   const MoveProgress& progress);

// Its second half: reads all rows, and writes them.
Status write_storage(BackEnds& back_ends, Environment environment, MoveEncoder& encoder,
                     const MoveProgress& progress);

}  // namespace longwire::daemon
