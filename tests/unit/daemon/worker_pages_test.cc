#include "daemon/workers/worker_pages.h"

#include <gtest/gtest.h>

#include "base/metrics.h"

namespace longwire::daemon {
namespace {

TEST(WorkerPages, samples_of_workers_stand_labelled_with_those_of_their_family) {
  Metrics supervisor;
  Metrics worker;
  supervisor.gauge("longwire_up", "Up.").set(1);
  worker.gauge("longwire_up", "Up.").set(2);
  worker.counter("longwire_sends_total", "Sends.", {{"kind", "a"}}).add(3);
  EXPECT_EQ(merge_pages(supervisor.render(), {{0, worker.render()}, {7, worker.render()}}),
            "# HELP longwire_sends_total Sends.\n"
            "# TYPE longwire_sends_total counter\n"
            "longwire_sends_total{worker=\"0\",kind=\"a\"} 3\n"
            "longwire_sends_total{worker=\"7\",kind=\"a\"} 3\n"
            "# HELP longwire_up Up.\n"
            "# TYPE longwire_up gauge\n"
            "longwire_up 1\n"
            "longwire_up{worker=\"0\"} 2\n"
            "longwire_up{worker=\"7\"} 2\n");
}

TEST(WorkerPages, without_workers_the_page_is_the_own) {
  Metrics metrics;
  metrics.counter("longwire_a_total", "A.").add();
  metrics.latency("longwire_b_seconds", "B.").observe(0.1);
  EXPECT_EQ(merge_pages(metrics.render(), {}), metrics.render());
}

TEST(WorkerPages, a_worker_that_has_said_nothing_is_left_out) {
  Metrics metrics;
  metrics.counter("longwire_a_total", "A.").add();
  EXPECT_EQ(merge_pages(metrics.render(), {{0, ""}}), metrics.render());
}

}  // namespace
}  // namespace longwire::daemon
