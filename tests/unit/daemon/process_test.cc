#include "daemon/serve/process.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

TEST(ProcessMetrics, tell_memory_and_descriptors) {
  Metrics metrics;
  ProcessMetrics process(metrics, "tests/unit/daemon");
  process.update();
  EXPECT_GT(metrics.gauge("longwire_process_resident_bytes", "").value(), 1'000'000);
  EXPECT_GT(metrics.gauge("longwire_process_open_descriptors", "").value(), 2);
  EXPECT_GT(metrics.gauge("longwire_storage_bytes", "").value(), 1000);
}

TEST(DescriptorLimit, is_at_its_highest_after_raising) {
  const std::uint64_t limit = raise_descriptor_limit();
  EXPECT_EQ(raise_descriptor_limit(), limit);
  EXPECT_GT(limit, 0U);
}

}  // namespace
}  // namespace longwire::daemon
