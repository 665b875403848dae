#pragma once

// Signals as values: blocked in every thread, taken by the main thread one by one. While it is busy
// with starting, they end the process.

#include <future>
#include <thread>

#include "base/result.h"

namespace longwire::daemon {

enum class Signal { kStop, kReload };

// Blocks SIGINT, SIGTERM and SIGHUP (and ignores SIGPIPE) in the calling thread and those it will
// start. Call it before the first thread.
void block_signals();

// While it lives, SIGINT and SIGTERM end the process at once, whatever the main thread waits for:
// what was begun by then is as after kill -9. From the main thread, after block_signals(). A
// resource.
class SignalsKill final {
 public:
  SignalsKill();
  ~SignalsKill();
  SignalsKill(const SignalsKill&) = delete;
  SignalsKill& operator=(const SignalsKill&) = delete;

 private:
  std::promise<void> over_;
  std::thread thread_;  // the one that does not block them
};

// Waits for the next one.
Signal wait_for_signal();

// From now on SIGINT and SIGTERM end the process at once: for whoever has asked to stop twice.
void let_signals_kill();

}  // namespace longwire::daemon
