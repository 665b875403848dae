// Which app lies on which shard.

#include <gtest/gtest.h>

#include "base/hash.h"
#include "storage/mysql/shard_table.h"

namespace longwire::test {
namespace {

using middle::AppId;
using storage::mysql::Options;
using storage::mysql::ShardTable;

Result<ShardTable> parse(std::vector<std::string> shards, std::vector<std::string> apps) {
  Options options;
  options.shards = std::move(shards);
  options.shard_apps = std::move(apps);
  return ShardTable::parse(options);
}

TEST(MySqlShardTable, Without_shards_all_is_main) {
  const ShardTable table = parse({}, {}).value();
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.name(0), "main");
  EXPECT_EQ(table.shard_of(AppId("any")), 0u);
}

TEST(MySqlShardTable, Shard_is_a_server_or_a_pair) {
  const ShardTable table = parse({"two=db2:3306", "three=db3:3306+db4:3307"}, {}).value();
  EXPECT_EQ(table.options(1).address, "db2:3306");
  EXPECT_EQ(table.options(1).peer, "");
  EXPECT_EQ(table.options(2).address, "db3:3306");
  EXPECT_EQ(table.options(2).peer, "db4:3307");
}

TEST(MySqlShardTable, App_that_is_named_goes_before_its_hash) {
  const std::uint64_t hash = home_hash("named");
  const std::string one = "hash:" + std::to_string(hash) + "-" + std::to_string(hash) + "=two";
  const auto shards = std::vector<std::string>{"two=db2:3306", "three=db3:3306"};
  EXPECT_EQ(parse(shards, {one}).value().shard_of(AppId("named")), 1u);
  EXPECT_EQ(parse(shards, {one, "named=three"}).value().shard_of(AppId("named")), 2u);
  EXPECT_EQ(parse(shards, {one, "named=main"}).value().shard_of(AppId("named")), 0u);
}

TEST(MySqlShardTable, Ranges_hold_both_their_ends_and_nothing_else) {
  const std::uint64_t hash = home_hash("app");
  ASSERT_GT(hash, 1u);
  const auto shard_with = [](std::uint64_t first, std::uint64_t last) {
    const std::string range = std::to_string(first) + "-" + std::to_string(last);
    return parse({"two=db2:3306"}, {"hash:" + range + "=two"}).value().shard_of(AppId("app"));
  };
  EXPECT_EQ(shard_with(hash, 65535), 1u);
  EXPECT_EQ(shard_with(0, hash), 1u);
  EXPECT_EQ(shard_with(0, hash - 1), 0u);
  EXPECT_EQ(shard_with(hash + 1, 65535), 0u);
}

TEST(MySqlShardTable, What_says_nothing_is_refused_with_its_text) {
  const auto refused = [](std::vector<std::string> shards, std::vector<std::string> apps) {
    const auto table = parse(shards, apps);
    if (table.ok()) return false;
    const std::string& entry = apps.empty() ? shards.back() : apps.back();
    return table.error().code == ErrorCode::kInvalidArgument &&
           table.error().message.find(entry) != std::string::npos;
  };
  for (const char* bad :
       {"two", "two=", "=db:1", "two=db", "two=db:1+", "two=+db:1", "two=db:1+db", "main=db:1"}) {
    EXPECT_TRUE(refused({bad}, {})) << bad;
  }
  EXPECT_TRUE(refused({"two=db:1", "two=db:2"}, {}));
  for (const char* bad : {"app", "app=", "=two", "app=three", "hash:=two", "hash:1=two",
                          "hash:5-4=two", "hash:0-65536=two", "hash:a-b=two"}) {
    EXPECT_TRUE(refused({"two=db:1"}, {bad})) << bad;
  }
  EXPECT_TRUE(refused({"two=db:1"}, {"app=two", "app=main"}));
  EXPECT_TRUE(refused({"two=db:1"}, {"hash:10-20=two", "hash:20-30=main"}));
  EXPECT_TRUE(refused({"two=db:1"}, {"hash:10-20=two", "hash:0-100=main"}));
  EXPECT_TRUE(parse({"two=db:1"}, {"hash:10-20=two", "hash:0-9=main", "hash:21-30=main"}).ok());
}

}  // namespace
}  // namespace longwire::test
