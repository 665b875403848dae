// Processes tell all nodes how they are; whoever asks hears of all.

#include "middle/cluster/report_link.h"

#include "tests/unit/middle_cluster/cluster_world.h"

namespace longwire::middle::cluster {
namespace {

constexpr std::chrono::seconds kSoon(1);

class ReportLinkTest : public ClusterWorld {
 protected:
  std::unique_ptr<ReportLink> link_to(const std::string& seed) {
    auto link = make_report_link(environment, NodeId("process/report"), {seed}, network);
    executor.advance(kSoon);
    return link;
  }
  static ProcessReport named(const std::string& name) {
    ProcessReport report;
    report.place = report.name = name;
    return report;
  }
  std::vector<std::string> names(ReportLink& link) {
    std::vector<std::string> names;
    link.ask([&](Result<std::vector<KeptReport>> reports) {
      for (const KeptReport& kept : reports.value()) names.push_back(kept.report.name);
    });
    executor.advance(std::chrono::seconds(3));
    return names;
  }
};

using Names = std::vector<std::string>;

TEST_F(ReportLinkTest, what_one_tells_another_hears_whichever_node_it_came_to) {
  start_all({"a", "b", "c"});
  const auto one = link_to("a");
  const auto other = link_to("b");
  EXPECT_EQ(one->linked(), 3u);
  one->tell(named("one"));
  other->tell(named("other"));
  executor.advance(kSoon);
  EXPECT_EQ(names(*one), Names({"one", "other"}));
  EXPECT_EQ(names(*other), Names({"one", "other"}));
}

TEST_F(ReportLinkTest, nodes_that_are_silent_or_gone_are_not_needed) {
  start_all({"a", "b", "c"});
  const auto link = link_to("a");
  link->tell(named("one"));
  executor.advance(kSoon);
  halt("b");
  EXPECT_EQ(names(*link), Names({"one"}));
  kill("a");
  EXPECT_EQ(names(*link), Names({"one"}));
  EXPECT_EQ(link->linked(), 1u);  // the silent one is hung up on
  wake("b");
}

TEST_F(ReportLinkTest, one_that_is_linked_to_nobody_hears_of_nobody) {
  const auto link = link_to("a");
  EXPECT_EQ(link->linked(), 0u);
  EXPECT_EQ(names(*link), Names());
}

}  // namespace
}  // namespace longwire::middle::cluster
