#include "daemon/status/reporter.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "tests/support/manual_executor.h"

namespace longwire::daemon {
namespace {

using middle::KeptReport;
using Reports = std::vector<KeptReport>;

// One other process is known to the nodes.
class ToldLink final : public middle::cluster::ReportLink {
 public:
  explicit ToldLink(std::vector<middle::ProcessReport>& told) : told_(told) {}
  void tell(const middle::ProcessReport& report) override { told_.push_back(report); }
  void ask(Callback<Reports> done) override {
    KeptReport other;
    other.report.name = other.report.place = "other";
    done(Reports{other});
  }
  std::size_t linked() const override { return 3; }

 private:
  std::vector<middle::ProcessReport>& told_;
};

class ReporterTest : public testing::Test {
 protected:
  void start(bool with_nodes) {
    middle::ProcessReport self;
    self.place = self.name = "self";
    reporter.emplace(
        ReporterParts{.environment = {executor, clock, system_random(), null_log(), metrics},
                      .board = board,
                      .link = with_nodes ? std::make_unique<ToldLink>(told) : nullptr,
                      .self = std::move(self),
                      .partitions = 16});
  }
  Json status() {
    std::optional<Json> answer;
    ControlTable table;
    reporter->add_control(table);
    (*table.find("status"))(Json::object(), [&](Result<Json> r) { answer = r.value(); });
    return *answer;
  }

  test::ManualClock clock;
  test::ManualExecutor executor{clock};
  Metrics metrics;
  middle::remote::ReportBoard board{clock};
  std::vector<middle::ProcessReport> told;
  std::optional<Reporter> reporter;
};

TEST_F(ReporterTest, a_process_alone_shows_itself) {
  metrics.gauge("longwire_partitions_served", "").set(16);
  start(false);
  const Json answer = status();
  ASSERT_EQ(answer.at("processes").size(), 1u);
  EXPECT_EQ(answer.at("processes")[0].at("name"), "self");
  EXPECT_EQ(answer.at("owned"), 16);
  EXPECT_EQ(answer.at("partitions"), 16);
}

TEST_F(ReporterTest, all_nodes_are_told_every_second) {
  start(true);
  EXPECT_EQ(told.size(), 1u);
  metrics.gauge("longwire_xmpp_sessions", "").set(5);
  executor.advance(std::chrono::milliseconds(2'000));
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told.back().uptime, std::chrono::milliseconds(2'000));
  const Json numbers = status().at("processes")[1].at("numbers");
  EXPECT_EQ(numbers.at("sessions"), 5);
  EXPECT_EQ(numbers.at("nodesLinked"), 3);
  EXPECT_FALSE(numbers.contains("connections"));  // it has none to have
}

TEST_F(ReporterTest, what_the_nodes_know_is_shown_beside_itself) {
  start(true);
  const Json answer = status();
  ASSERT_EQ(answer.at("processes").size(), 2u);
  EXPECT_EQ(answer.at("processes")[0].at("name"), "other");
}

}  // namespace
}  // namespace longwire::daemon
