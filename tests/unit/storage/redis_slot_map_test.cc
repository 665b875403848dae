// The reply to CLUSTER SLOTS, as servers send it and as they never would.

#include <gtest/gtest.h>

#include "storage/redis/slot_map.h"

namespace longwire::test {
namespace {

using storage::redis::kSlots;
using storage::redis::parse_slot_map;
using storage::redis::Reply;
using storage::redis::SlotMap;
using Array = Reply::Array;

const net::Address kAsked{"10.0.0.9", 7000};

Reply text(std::string value) { return Bytes(std::move(value)); }
Reply number(std::int64_t value) { return value; }
Reply list(Array value) { return value; }
Reply node(const std::string& ip, std::int64_t port) {
  return list({text(ip), number(port), text("07c37dfeb235213a872192d90877d0cd55635b91")});
}
Reply range(std::int64_t first, std::int64_t last, Reply master) {
  return list({number(first), number(last), std::move(master)});
}

std::string owner(const SlotMap& map, std::size_t slot) {
  const auto index = map.owners.at(slot);
  return index == SlotMap::kNobody ? "nobody" : map.nodes.at(index).to_string();
}
ErrorCode refusal(const Reply& reply) {
  const auto map = parse_slot_map(reply, kAsked);
  return map.ok() ? ErrorCode::kInternal : map.error().code;
}

TEST(RedisSlotMap, Gives_each_slot_its_master) {
  const auto map = parse_slot_map(
      list({range(0, 8191, node("10.0.0.1", 7001)), range(8192, 16383, node("10.0.0.2", 7002))}),
      kAsked);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(owner(*map, 0), "10.0.0.1:7001");
  EXPECT_EQ(owner(*map, 8191), "10.0.0.1:7001");
  EXPECT_EQ(owner(*map, 8192), "10.0.0.2:7002");
  EXPECT_EQ(owner(*map, 16383), "10.0.0.2:7002");
}

TEST(RedisSlotMap, Knows_replicas_and_each_node_once) {
  const auto map = parse_slot_map(
      list({list({number(0), number(1), node("10.0.0.1", 7001), node("10.0.0.2", 7002)}),
            list({number(5), number(5), node("10.0.0.1", 7001), node("10.0.0.2", 7002)})}),
      kAsked);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->nodes.size(), 2U);
  EXPECT_EQ(owner(*map, 1), "10.0.0.1:7001");
}

TEST(RedisSlotMap, Leaves_slots_without_a_master) {
  const auto map = parse_slot_map(list({range(7, 7, node("10.0.0.1", 7001))}), kAsked);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(owner(*map, 6), "nobody");
  EXPECT_EQ(owner(*map, 7), "10.0.0.1:7001");
}

TEST(RedisSlotMap, Takes_an_unknown_endpoint_for_who_was_asked) {
  for (const Reply& endpoint : {Reply(), text("")}) {
    const auto map = parse_slot_map(list({range(0, 9, list({endpoint, number(7003)}))}), kAsked);
    ASSERT_TRUE(map.ok());
    EXPECT_EQ(owner(*map, 0), "10.0.0.9:7003");
  }
}

TEST(RedisSlotMap, Takes_a_host_name_only_with_its_number) {
  const auto with = list(
      {text("redis.example.org"), number(7003), text("id"), list({text("ip"), text("10.0.0.3")})});
  const auto map = parse_slot_map(list({range(0, 9, with)}), kAsked);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(owner(*map, 0), "10.0.0.3:7003");
  EXPECT_EQ(refusal(list({range(0, 9, node("redis.example.org", 7003))})), ErrorCode::kCorrupt);
}

TEST(RedisSlotMap, Tells_a_server_without_cluster_support) {
  EXPECT_EQ(refusal(Reply::Failure{"ERR This instance has cluster support disabled"}),
            ErrorCode::kUnsupported);
  EXPECT_EQ(refusal(Reply::Failure{"NOPERM this user has no permissions"}),
            ErrorCode::kUnavailable);
}

TEST(RedisSlotMap, Of_no_range_serves_nothing) {
  EXPECT_EQ(refusal(list({})), ErrorCode::kUnavailable);
}

TEST(RedisSlotMap, Without_sense_is_refused) {
  const Reply good = node("10.0.0.1", 7001);
  const Array replies = {
      Reply(),
      number(1),
      text("slots"),
      Reply::Status{"OK"},
      list({number(1)}),
      list({list({})}),
      list({list({number(0), number(1)})}),
      list({range(-1, 1, good)}),
      list({range(0, 16384, good)}),
      list({range(2, 1, good)}),
      list({list({text("0"), number(1), good})}),
      list({range(0, 1, number(7))}),
      list({range(0, 1, list({text("10.0.0.1")}))}),
      list({range(0, 1, node("10.0.0.1", 0))}),
      list({range(0, 1, node("10.0.0.1", 65536))}),
      list({range(0, 1, node("10.0.0.1\r\n", 7001))}),
      list({range(0, 1, list({number(10), number(7001)})), list({})}),
  };
  for (std::size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(refusal(replies[i]), ErrorCode::kCorrupt) << "reply " << i;
  }
}

TEST(RedisSlotMap, Is_bounded) {
  Array ranges;
  for (int i = 0; i <= kSlots; ++i) ranges.push_back(range(0, 0, node("10.0.0.1", 7001)));
  EXPECT_EQ(refusal(list(std::move(ranges))), ErrorCode::kCorrupt);

  Array nodes = {number(0), number(0)};
  for (std::size_t i = 0; i <= SlotMap::kNodesMax; ++i) {
    nodes.push_back(node("10.0.0.1", 1 + static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(refusal(list({list(std::move(nodes))})), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace longwire::test
