#include "daemon/status/status_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/status/status_json.h"

namespace longwire::daemon {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

middle::KeptReport process(std::string name, std::vector<std::string> roles) {
  middle::KeptReport kept;
  kept.report = {.place = name,
                 .name = name,
                 .host = "h1",
                 .pid = 7,
                 .roles = std::move(roles),
                 .addresses = {"tier 10.0.0.1:7000", "admin 127.0.0.1:9090"},
                 .version = "0.1.0",
                 .uptime = milliseconds(125'000),
                 .numbers = {}};
  return kept;
}

TEST(StatusTable, sums_up_and_aligns_a_line_a_process) {
  auto node = process("node-1", {"middle"});
  node.report.numbers = {{"partitions", 16}, {"partitionsAll", 16}, {"commitP99Us", 5'000}};
  auto front = process("front-1/0", {"xmpp"});
  front.report.addresses.clear();
  front.report.numbers = {{"connections", 3}, {"sessions", 2}, {"callsWaiting", 1}};
  EXPECT_EQ(status_table(status_json({front, node})),
            "16 of 16 partitions owned; 2 processes, 0 silent; 3 XMPP connections, 2 sessions\n"
            "\n"
            "process    roles   address        version  pid     up  xmpp  sessions  http  owned  "
            "feeds  pending  lanes  untaken  underived   p99  calls  waiting  nodes\n"
            "front-1/0  xmpp    -              0.1.0      7  2 min     3         2     -      -  "
            "    -        -      -        -          -     -      -        1      -\n"
            "node-1     middle  10.0.0.1:7000  0.1.0      7  2 min     -         -     -     16  "
            "    -        -      -        -          -  5 ms      -        -      -\n");
}

TEST(StatusTable, silent_process_has_its_age_and_no_numbers) {
  auto node = process("node-1", {"middle"});
  node.report.numbers = {{"partitions", 16}, {"partitionsAll", 16}};
  node.age = milliseconds(12'300);
  const std::string table = status_table(status_json({node}));
  EXPECT_THAT(table, HasSubstr("0 of 16 partitions owned; 1 processes, 1 silent"));
  EXPECT_THAT(table, HasSubstr("  7  silent 12 s\n"));
}

TEST(StatusTable, hosts_are_told_where_there_are_several) {
  auto one = process("node", {"middle"});
  auto other = process("node", {"middle"});
  EXPECT_THAT(status_table(status_json({one, other})), Not(HasSubstr("@")));
  other.report.host = "h2";
  EXPECT_THAT(status_table(status_json({one, other})), HasSubstr("node@h2"));
}

TEST(StatusTable, says_that_no_middle_node_answers) {
  const auto front = process("front-1", {"xmpp"});
  const auto node = process("node-1", {"middle"});
  auto gone = node;
  gone.age = milliseconds(12'300);
  EXPECT_THAT(status_table(status_json({front})), StartsWith("No middle node answers"));
  EXPECT_THAT(status_table(status_json({front, gone})), StartsWith("No middle node answers"));
  EXPECT_THAT(status_table(status_json({front, node})), Not(HasSubstr("No middle node answers")));
}

TEST(StatusTable, nobody_is_a_head_alone) {
  EXPECT_THAT(status_table(status_json({})), HasSubstr("0 of 0 partitions owned; 0 processes"));
}

}  // namespace
}  // namespace longwire::daemon
