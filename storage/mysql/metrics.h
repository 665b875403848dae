#pragma once

// What the back end counts. Private to this folder.

#include <string>

#include "base/metrics.h"
#include "base/result.h"

namespace longwire::storage::mysql {

// References to instruments, which `metrics` owns. Thread-safe.
class CallMetrics final {
 public:
  explicit CallMetrics(Metrics& metrics)
      : read_seconds(seconds(metrics, "read")),
        write_seconds(seconds(metrics, "write")),
        metrics_(metrics) {}

  Counter& failures(ErrorCode code) {
    return metrics_.counter("longwire_mysql_failures_total",
                            "Calls to MySQL that were not done, by code.",
                            {{"code", std::string(error_code_name(code))}});
  }
  Gauge& up(const std::string& server) {
    return metrics_.gauge("longwire_mysql_up", "1: the server was reached when last tried.",
                          {{"server", server}});
  }
  Gauge& written_to(const std::string& server) {
    return metrics_.gauge("longwire_mysql_pair_written_to",
                          "1: this server of a pair is the one that is written to.",
                          {{"server", server}});
  }
  Gauge& alone(const std::string& shard) {
    return metrics_.gauge("longwire_mysql_pair_alone",
                          "1: the other server of the pair cannot take over.", {{"pair", shard}});
  }
  Gauge& kept(const std::string& shard) {
    return metrics_.gauge("longwire_mysql_pair_kept",
                          "1: this process is the one that keeps the pair.", {{"pair", shard}});
  }
  Counter& failovers(const std::string& shard) {
    return metrics_.counter("longwire_mysql_pair_failovers_total",
                            "Times the other server of the pair took over.", {{"pair", shard}});
  }

  Histogram& read_seconds;
  Histogram& write_seconds;

 private:
  static Histogram& seconds(Metrics& metrics, const char* kind) {
    return metrics.latency("longwire_mysql_call_seconds",
                           "Time from a call to its answer, waiting included.", {{"kind", kind}});
  }

  Metrics& metrics_;
};

}  // namespace longwire::storage::mysql
