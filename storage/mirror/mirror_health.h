#pragma once

// MirrorHealth: whether Redis is worth asking, for all partitions of a process together. Private to
// this folder.

#include <chrono>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace longwire::storage::mirror {

// Loop-bound.
class MirrorHealth final {
 public:
  MirrorHealth(const Clock& clock, LogSink& log, std::chrono::milliseconds pause)
      : clock_(clock), log_(log, "mirror"), pause_(pause) {}

  bool usable() const { return clock_.monotonic() >= not_before_; }
  // Leaves Redis alone for a while. One line when it goes, one when it is back.
  void failed(const Error& why) {
    not_before_ = clock_.monotonic() + pause_;
    if (away_) return;
    away_ = true;
    log_.warn("mirror_away", {{"error", why.message}, {"code", error_code_name(why.code)}});
  }
  void answered() {
    if (!away_ || !usable()) return;
    away_ = false;
    log_.info("mirror_back");
  }

 private:
  const Clock& clock_;
  const Logger log_;
  const std::chrono::milliseconds pause_;
  MonotonicTime not_before_{0};
  bool away_ = false;
};

}  // namespace longwire::storage::mirror
