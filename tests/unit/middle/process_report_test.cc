// What several nodes have heard of processes, as one list.

#include "middle/model/process_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longwire::middle {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

KeptReport report(std::string name, std::int32_t pid, milliseconds age) {
  KeptReport kept;
  kept.report.place = "host:/" + name;
  kept.report.name = std::move(name);
  kept.report.pid = pid;
  kept.age = age;
  return kept;
}

std::vector<std::string> shown(std::vector<KeptReport> reports) {
  std::vector<std::string> names;
  for (const KeptReport& kept : merge_reports(std::move(reports))) {
    names.push_back(kept.report.name + " " + std::to_string(kept.report.pid) + " " +
                    std::to_string(kept.age.count()));
  }
  return names;
}

TEST(MergeReports, each_process_is_there_once_as_it_was_heard_of_last) {
  EXPECT_THAT(shown({report("b", 1, milliseconds(700)), report("a", 2, milliseconds(20)),
                     report("b", 1, milliseconds(300)), report("b", 1, milliseconds(900))}),
              ElementsAre("a 2 20", "b 1 300"));
}

TEST(MergeReports, silent_process_stays_until_it_is_forgotten) {
  EXPECT_THAT(shown({report("a", 1, kReportForgotten)}), ElementsAre("a 1 60000"));
  EXPECT_THAT(shown({report("a", 1, kReportForgotten + milliseconds(1))}), ElementsAre());
}

TEST(MergeReports, silent_process_makes_room_for_who_came_to_its_place) {
  EXPECT_THAT(shown({report("a", 1, milliseconds(9'000)), report("a", 2, milliseconds(100))}),
              ElementsAre("a 2 100"));
  EXPECT_THAT(shown({report("a", 1, milliseconds(9'000)), report("a", 2, milliseconds(8'000))}),
              ElementsAre("a 1 9000", "a 2 8000"));
}

TEST(MergeReports, two_that_live_at_one_place_are_both_shown) {
  EXPECT_THAT(shown({report("a", 1, milliseconds(100)), report("a", 2, milliseconds(100))}),
              ElementsAre("a 1 100", "a 2 100"));
}

}  // namespace
}  // namespace longwire::middle
