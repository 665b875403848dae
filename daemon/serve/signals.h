#pragma once

// Signals as values: blocked in every thread, taken by the main thread one by one.

#include "base/result.h"

namespace longwire::daemon {

enum class Signal { kStop, kReload };

// Blocks SIGINT, SIGTERM and SIGHUP (and ignores SIGPIPE) in the calling thread and those it will
// start. Call it before the first thread.
void block_signals();

// Waits for the next one.
Signal wait_for_signal();

// From now on SIGINT and SIGTERM end the process at once: for whoever has asked to stop twice.
void let_signals_kill();

}  // namespace longwire::daemon
