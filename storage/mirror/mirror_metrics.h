#pragma once

// What mirrors count, all of a process together. Private to this folder.

#include "base/metrics.h"

namespace longwire::storage::mirror {

// References to instruments, which `metrics` owns. Thread-safe.
struct MirrorMetrics {
  explicit MirrorMetrics(Metrics& metrics)
      : found(rows(metrics, "found")),
        unknown(rows(metrics, "unknown")),
        passed_by(rows(metrics, "passed_by")),
        begun(metrics.counter("longwire_mirror_generations_total",
                              "Partitions whose copies in Redis began anew, empty.")),
        late(metrics.counter("longwire_mirror_late_total",
                             "Reads that Redis did not answer in time.")),
        partitions(metrics.gauge("longwire_mirror_partitions",
                                 "Partitions that have copies of rows in Redis.")) {}

  Counter& found;      // in Redis
  Counter& unknown;    // asked for, not there
  Counter& passed_by;  // not asked for: not worth a copy, or there are none now
  Counter& begun;
  Counter& late;
  Gauge& partitions;

 private:
  static Counter& rows(Metrics& metrics, const char* where) {
    return metrics.counter("longwire_mirror_rows_total", "Rows read, by what Redis had of them.",
                           {{"redis", where}});
  }
};

}  // namespace longwire::storage::mirror
