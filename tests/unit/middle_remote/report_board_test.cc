#include "middle/remote/report_board.h"

#include <gtest/gtest.h>

#include "tests/support/manual_executor.h"

namespace longwire::middle::remote {
namespace {

ProcessReport report(std::string place, std::int32_t pid) {
  ProcessReport said;
  said.place = std::move(place);
  said.pid = pid;
  return said;
}

class ReportBoardTest : public testing::Test {
 protected:
  test::ManualClock clock;
  ReportBoard board{clock};
};

TEST_F(ReportBoardTest, last_report_of_a_process_is_kept_with_its_age) {
  ProcessReport said = report("a", 1);
  board.take(said);
  clock.advance(kReportSilent);
  said.version = "2";
  board.take(said);
  clock.advance(std::chrono::milliseconds(10));
  const auto kept = board.list();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept.front().report.version, "2");
  EXPECT_EQ(kept.front().age, std::chrono::milliseconds(10));
}

TEST_F(ReportBoardTest, silent_process_is_forgotten) {
  board.take(report("a", 1));
  clock.advance(kReportForgotten);
  EXPECT_EQ(board.list().size(), 1u);
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(board.list().size(), 0u);
}

TEST_F(ReportBoardTest, beyond_its_limit_known_processes_alone_are_heard) {
  for (std::int32_t pid = 0; pid <= static_cast<std::int32_t>(kReportsMax); ++pid) {
    board.take(report("a", pid));
  }
  EXPECT_EQ(board.list().size(), kReportsMax);
  clock.advance(kReportForgotten);
  board.take(report("a", 1));
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(board.list().size(), 1u);
}

}  // namespace
}  // namespace longwire::middle::remote
