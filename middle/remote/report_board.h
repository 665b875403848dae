#pragma once

// ReportBoard: what processes have said of themselves, as this one has heard it.

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "middle/model/process_report.h"

namespace longwire::middle::remote {

inline constexpr std::size_t kReportsMax = 4096;  // processes; others are not kept

// Thread-safe. `clock` outlives it.
class ReportBoard final {
 public:
  explicit ReportBoard(const Clock& clock) : clock_(clock) {}

  void take(ProcessReport report);
  // All that is not forgotten.
  std::vector<KeptReport> list() const;

 private:
  struct Noted {
    ProcessReport report;
    MonotonicTime at{};
  };
  using Key = std::pair<std::string, std::int32_t>;  // place and process

  const Clock& clock_;
  Guarded<std::map<Key, Noted>> noted_;
};

}  // namespace longwire::middle::remote
