#pragma once

// Whether Redis is worth asking: for each partition by itself, as each has a node of its own in a
// cluster; told for all of a process together. Private to this folder.

#include <chrono>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace longwire::storage::mirror {

// One line when the first partition's Redis goes, one when the last one's is back. Loop-bound.
class MirrorNews final {
 public:
  explicit MirrorNews(LogSink& log) : log_(log, "mirror") {}

  void went(const Error& why) {
    if (away_++ > 0) return;
    log_.warn("mirror_away", {{"error", why.message}, {"code", error_code_name(why.code)}});
  }
  void came_back() {
    if (--away_ == 0) log_.info("mirror_back");
  }

 private:
  const Logger log_;
  int away_ = 0;  // partitions
};

// After a failure nothing is asked for `pause`; then one question goes first, and the others
// follow when it was answered. Loop-bound.
class MirrorHealth final {
 public:
  MirrorHealth(const Clock& clock, MirrorNews& news, std::chrono::milliseconds pause)
      : clock_(clock), news_(news), pause_(pause) {}

  // Whoever is told yes asks, and tells what came of it.
  bool may_ask() {
    if (!away_) return true;
    if (probing_ || clock_.monotonic() < not_before_) return false;
    probing_ = true;
    return true;
  }
  void failed(const Error& why) {
    probing_ = false;
    not_before_ = clock_.monotonic() + pause_;
    if (!away_) news_.went(why);
    away_ = true;
  }
  void answered() {
    probing_ = false;
    if (away_) news_.came_back();
    away_ = false;
  }

 private:
  const Clock& clock_;
  MirrorNews& news_;
  const std::chrono::milliseconds pause_;
  MonotonicTime not_before_{0};
  bool away_ = false;
  bool probing_ = false;
};

}  // namespace longwire::storage::mirror
