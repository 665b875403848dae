#include "daemon/status/status_json.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

middle::KeptReport node(std::string name, std::int64_t owned, std::chrono::milliseconds age) {
  middle::KeptReport kept;
  kept.report.name = std::move(name);
  kept.report.roles = {"middle"};
  kept.report.numbers = {{"partitions", owned}, {"partitionsAll", 16}};
  kept.age = age;
  return kept;
}

TEST(StatusJson, what_a_silent_process_owned_is_not_counted) {
  const Json status = status_json({node("a", 8, std::chrono::milliseconds(10)),
                                   node("b", 8, std::chrono::milliseconds(5'001))});
  EXPECT_EQ(status.at("partitions"), 16);
  EXPECT_EQ(status.at("owned"), 8);
  EXPECT_EQ(status.at("silent"), 1);
  EXPECT_EQ(status.at("processes")[1].at("silent"), true);
  EXPECT_EQ(status.at("processes")[1].at("ageMs"), 5'001);
  EXPECT_EQ(status.at("processes")[0].at("numbers").at("partitions"), 8);
}

TEST(StatusJson, nobody_is_an_empty_list) {
  EXPECT_EQ(status_json({}).at("processes"), Json::array());
}

}  // namespace
}  // namespace longwire::daemon
