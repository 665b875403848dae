#pragma once

// The process as the system sees it.

#include <cstdint>
#include <filesystem>

#include "base/metrics.h"

namespace longwire::daemon {

// As many descriptors as the system allows this process without asking: one a connection. Answers
// the limit.
std::uint64_t raise_descriptor_limit();

// longwire_process_*: memory, descriptors, processor time; longwire_storage_bytes. Thread-safe.
class ProcessMetrics final {
 public:
  ProcessMetrics(Metrics& metrics, std::filesystem::path storage);
  // Reads /proc and the sizes of the files of the storage; called when somebody asks for the
  // metrics.
  void update();

 private:
  Gauge& resident_bytes_;
  Gauge& open_descriptors_;
  Gauge& descriptors_max_;
  Gauge& cpu_milliseconds_;
  Gauge& storage_bytes_;
  const std::filesystem::path storage_;
};

}  // namespace longwire::daemon
