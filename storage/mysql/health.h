#pragma once

// Health: whether a server answers, told once a change, however many connections find out. Private
// to this folder.

#include <atomic>
#include <string>

#include "base/log.h"
#include "base/metrics.h"

namespace longwire::storage::mysql {

// Thread-safe.
class Health final {
 public:
  Health(LogSink& log, std::string address, Gauge& up)
      : log_(log, "mysql"), address_(std::move(address)), up_(up) {
    up_.set(1);
  }

  const std::string& address() const { return address_; }
  void reached() {
    if (!away_.exchange(false)) return;
    up_.set(1);
    log_.info("server_back", {{"server", address_}});
  }
  void failed(const std::string& why) {
    if (away_.exchange(true)) return;
    up_.set(0);
    log_.warn("server_away", {{"server", address_}, {"error", why}});
  }
  // A commit of which nobody will know whether it was done.
  void undecided() { log_.warn("commit_undecided", {{"server", address_}}); }

 private:
  const Logger log_;
  const std::string address_;
  Gauge& up_;
  std::atomic<bool> away_ = false;
};

}  // namespace longwire::storage::mysql
