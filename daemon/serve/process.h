#pragma once

// The process as the system sees it.

#include <cstdint>

#include "base/metrics.h"

namespace longwire::daemon {

// As many descriptors as the system allows this process without asking: one a connection. Answers
// the limit.
std::uint64_t raise_descriptor_limit();

// longwire_process_*: memory, descriptors, processor time. Thread-safe.
class ProcessMetrics final {
 public:
  explicit ProcessMetrics(Metrics& metrics);
  // Reads /proc; called when somebody asks for the metrics.
  void update();

 private:
  Gauge& resident_bytes_;
  Gauge& open_descriptors_;
  Gauge& descriptors_max_;
  Gauge& cpu_milliseconds_;
};

}  // namespace longwire::daemon
