#pragma once

// What routers count, all of a process together. Private to this folder.

#include <string>

#include "base/metrics.h"
#include "base/result.h"

namespace longwire::storage::redis {

// References to instruments, which `metrics` owns. Thread-safe.
class RouterMetrics final {
 public:
  explicit RouterMetrics(Metrics& metrics)
      : commands(metrics.counter("longwire_redis_commands_total", "Commands taken.")),
        moved(redirections(metrics, "moved")),
        asked(redirections(metrics, "ask")),
        later(redirections(metrics, "later")),
        repeats(redirections(metrics, "lost")),
        connects(metrics.counter("longwire_redis_connects_total",
                                 "Connections begun to Redis servers.")),
        connects_failed(metrics.counter("longwire_redis_connects_failed_total",
                                        "Of these, such as never came to work.")),
        in_flight(metrics.gauge("longwire_redis_in_flight", "Commands not answered yet.")),
        metrics_(metrics) {}

  Counter& failures(ErrorCode code) {
    return metrics_.counter("longwire_redis_failures_total", "Commands without an answer, by code.",
                            {{"code", std::string(error_code_name(code))}});
  }

  Counter& commands;
  Counter& moved;
  Counter& asked;
  Counter& later;
  Counter& repeats;
  Counter& connects;
  Counter& connects_failed;
  Gauge& in_flight;

 private:
  static Counter& redirections(Metrics& metrics, const char* why) {
    return metrics.counter("longwire_redis_redirections_total",
                           "Commands sent again: elsewhere, later, or after a lost answer.",
                           {{"why", why}});
  }

  Metrics& metrics_;
};

}  // namespace longwire::storage::redis
