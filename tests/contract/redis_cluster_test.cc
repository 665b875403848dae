// The Redis client on a cluster of three masters with a replica each.

#include <map>
#include <set>
#include <sstream>

#include "base/net/address.h"
#include "storage/redis/slot.h"
#include "tests/contract/redis_fixture.h"
#include "tests/contract/redis_load.h"
#include "tests/contract/redis_servers.h"

namespace longwire::test {
namespace {

using storage::redis::slot_of;

class RedisCluster : public RedisFixture {
 protected:
  RedisCluster() { options_.nodes = {servers_.front().address()}; }

  static std::vector<std::string> keys(int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back("key" + std::to_string(i));
    return names;
  }
  // The servers that serve slots, by what the first that answers thinks.
  std::vector<const RedisServer*> masters() const {
    std::vector<const RedisServer*> found;
    for (const RedisServer& server : servers_) {
      if (server.ask_text({"INFO", "replication"}).find("role:master") != std::string::npos) {
        found.push_back(&server);
      }
    }
    return found;
  }
  // The master that does not send the key elsewhere.
  const RedisServer& owner(const std::string& key) const {
    for (const RedisServer* server : masters()) {
      const auto answer = server->ask({"EXISTS", key});
      if (answer.integer() != nullptr) return *server;
    }
    ADD_FAILURE() << "nobody serves " << key;
    return servers_.front();
  }
  const RedisServer& another_master(const RedisServer& than) const {
    for (const RedisServer* server : masters()) {
      if (server->address() != than.address()) return *server;
    }
    return than;
  }

  const std::vector<RedisServer> servers_ = cluster_redis();
};

TEST_F(RedisCluster, Serves_keys_of_all_slots_from_one_seed) {
  open();
  std::set<std::string> owners;
  for (const auto& key : keys(200)) {
    EXPECT_EQ(text(call({"SET", key, key})), "OK");
    EXPECT_EQ(text(get(key)), key);
    owners.insert(owner(key).address());
  }
  EXPECT_EQ(owners.size(), 3U);
  // The map was right: nobody had to send us on.
  EXPECT_EQ(sent_again("moved"), 0U);
}

TEST_F(RedisCluster, Finds_the_same_slots_as_the_servers) {
  for (const auto* key : {"", "a", "{}", "{}a", "{a}b", "a{b}c", "{{a}}", "}{", "a{b", "{a}{b}",
                          "\xFF\x80", "user:1000:feeds", "foo{{bar}}zap"}) {
    EXPECT_EQ(std::to_string(slot_of(key)), servers_[0].ask_text({"CLUSTER", "KEYSLOT", key}))
        << key;
  }
}

TEST_F(RedisCluster, Takes_a_replica_for_a_seed) {
  for (const RedisServer& server : servers_) {
    options_.nodes = {server.address()};
    open();
    EXPECT_EQ(text(call({"SET", "key", "value"})), "OK") << server.address();
  }
}

TEST_F(RedisCluster, Passes_a_seed_that_is_not_there) {
  options_.nodes = {"127.0.0.1:1", servers_[1].address()};
  open();
  for (const auto& key : keys(20)) EXPECT_EQ(text(call({"SET", key, key})), "OK");
}

TEST_F(RedisCluster, Keeps_keys_of_one_tag_together) {
  open();
  EXPECT_EQ(text(call({"MSET", "{tag}a", "1", "{tag}b", "2"})), "OK");
  EXPECT_EQ(call({"MGET", "{tag}a", "{tag}b"}).value(),
            Reply(Reply::Array{Bytes("1"), Bytes("2")}));
  EXPECT_EQ(text(call({"MGET", "a", "b"})).substr(0, 9), "CROSSSLOT");
}

TEST_F(RedisCluster, Asks_anybody_what_has_no_key) {
  open();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(text(call({"PING"})), "PONG");
}

// A slot on its way from one master to another, each step by hand.
class RedisClusterMove : public RedisCluster {
 protected:
  RedisClusterMove() {
    for (const auto& key : {kFirst, kSecond, kThird, kNumber}) from_.ask({"DEL", key});
    open();
    EXPECT_EQ(text(call({"MSET", kFirst, "1", kSecond, "2"})), "OK");
  }
  static std::string id(const RedisServer& server) { return server.ask_text({"CLUSTER", "MYID"}); }

  void begin() {
    const auto slot = std::to_string(slot_of(kFirst));
    ASSERT_EQ(to_.ask_text({"CLUSTER", "SETSLOT", slot, "IMPORTING", id(from_)}), "OK");
    ASSERT_EQ(from_.ask_text({"CLUSTER", "SETSLOT", slot, "MIGRATING", id(to_)}), "OK");
  }
  void carry(const std::string& key) {
    const auto to = net::parse_address(to_.address());
    EXPECT_EQ(from_.ask_text({"MIGRATE", to->ip, std::to_string(to->port), key, "0", "5000"}),
              "OK");
  }
  void finish_move() {
    const auto slot = std::to_string(slot_of(kFirst));
    const auto new_owner = id(to_);
    ASSERT_EQ(to_.ask_text({"CLUSTER", "SETSLOT", slot, "NODE", new_owner}), "OK");
    ASSERT_EQ(from_.ask_text({"CLUSTER", "SETSLOT", slot, "NODE", new_owner}), "OK");
  }

  static inline const std::string kFirst = "{move}1";
  static inline const std::string kSecond = "{move}2";
  static inline const std::string kThird = "{move}3";
  static inline const std::string kNumber = "{move}number";
  const RedisServer& from_ = owner(kFirst);
  const RedisServer& to_ = another_master(from_);
};

TEST_F(RedisClusterMove, Is_followed_by_ask_and_then_by_moved) {
  begin();
  EXPECT_EQ(text(get(kFirst)), "1");
  EXPECT_EQ(sent_again("ask"), 0U);

  carry(kFirst);
  EXPECT_EQ(text(get(kFirst)), "1");
  EXPECT_EQ(sent_again("ask"), 1U);
  EXPECT_EQ(text(get(kSecond)), "2");
  EXPECT_EQ(sent_again("ask"), 1U);
  // What is new is made where the slot goes; each step is done once, though it is sent on.
  for (const char* count : {"1", "2", "3"}) EXPECT_EQ(text(call({"INCR", kNumber})), count);
  EXPECT_EQ(sent_again("moved"), 0U);

  carry(kSecond);
  finish_move();
  EXPECT_EQ(text(call({"INCR", kNumber})), "4");
  EXPECT_EQ(sent_again("moved"), 1U);
  EXPECT_EQ(text(get(kFirst)), "1");
  EXPECT_EQ(text(get(kSecond)), "2");
  EXPECT_EQ(sent_again("moved"), 1U);
}

TEST_F(RedisClusterMove, Half_done_puts_commands_on_both_halves_off) {
  begin();
  carry(kFirst);
  auto both = start({"MGET", kFirst, kSecond}, true);
  ASSERT_TRUE(eventually([this] { return sent_again("later") > 0; }));
  carry(kSecond);
  EXPECT_EQ(finish(std::move(both)).value(), Reply(Reply::Array{Bytes("1"), Bytes("2")}));
  finish_move();
}

TEST_F(RedisClusterMove, Half_done_for_good_is_told) {
  begin();
  carry(kFirst);
  const auto begun = now_ms();
  EXPECT_EQ(text(call({"MGET", kFirst, kSecond}, true)), "unavailable");
  EXPECT_LT(now_ms() - begun, 2 * options_.command_timeout.count());
  carry(kSecond);
  finish_move();
}

// A master goes.
class RedisClusterDown : public RedisCluster {
 protected:
  ~RedisClusterDown() override {
    close();
    bring_up("redis-cluster");
  }
  static std::set<std::string> keys_of(const RedisServer& server,
                                       const std::vector<std::string>& all) {
    std::set<std::string> its;
    for (const auto& key : all) {
      if (server.ask({"EXISTS", key}).integer() != nullptr) its.insert(key);
    }
    return its;
  }
  // Other keys, of the same slots.
  static std::vector<std::string> beside(const std::vector<std::string>& all) {
    std::vector<std::string> others;
    for (const auto& key : all) others.push_back("{" + key + "}probe");
    return others;
  }
  // Every key is written and read again.
  bool is_served(const std::vector<std::string>& all) {
    return std::all_of(all.begin(), all.end(), [this](const std::string& key) {
      return text(call({"SET", key, key})) == "OK" && text(get(key)) == key;
    });
  }
};

TEST_F(RedisClusterDown, Killed_master_is_replaced_under_load) {
  const auto all = keys(90);
  const RedisServer& victim = owner(all.front());
  options_.nodes = {another_master(victim).address()};
  open();
  const auto was_its = keys_of(victim, all);
  RedisLoad load(loop_, *router_, all,
                 [&was_its](const std::string& key) { return was_its.contains(key); });
  ASSERT_TRUE(eventually([&] { return load.tally().answered > 5000; }));

  victim.signal(SIGKILL);
  ASSERT_TRUE(eventually([&] { return load.tally().refused > 0; }));
  // The others' slots are served meanwhile.
  const int before = load.tally().answered;
  ASSERT_TRUE(eventually([&] { return load.tally().answered > before + 1000; }));
  // Then all are, by itself: nobody is told anything.
  EXPECT_TRUE(eventually([&] { return is_served(beside(all)); }));
  // What was put off before that may still be refused; then nothing is.
  EXPECT_TRUE(eventually([&] {
    const auto begun = load.tally();
    return eventually([&] { return load.tally().answered > begun.answered + 5000; }) &&
           load.tally().refused == begun.refused;
  }));
  load.stop();
  EXPECT_THAT(load.tally().wrong, testing::IsEmpty());
  EXPECT_EQ(log_.count("node_down " + victim.address()), 1);
  EXPECT_TRUE(eventually([this] { return in_flight() == 0; }));
}

TEST_F(RedisClusterDown, Killed_master_lets_no_increment_count_twice) {
  // New: what a replica has not heard yet cannot bring an old number back.
  const std::string key = "{number}" + std::to_string(now_ms());
  const RedisServer& victim = owner(key);
  options_.nodes = {another_master(victim).address()};
  open();
  ASSERT_TRUE(is_served({"{number}probe"}));
  std::vector<std::future<Answer>> batch;
  for (int i = 0; i < 5000; ++i) {
    batch.push_back(start({"INCR", key}));
    if (i == 2500) victim.signal(SIGKILL);
  }
  std::int64_t may_be_done = 0;
  for (auto& each : batch) {
    const auto answer = finish(std::move(each));
    if (answer.ok() || answer.error().code != ErrorCode::kUnavailable) ++may_be_done;
  }
  ASSERT_TRUE(eventually([&] { return is_served({"{number}probe"}); }));
  const auto counted = call({"INCRBY", key, "0"});
  ASSERT_TRUE(counted.ok());
  EXPECT_LE(*counted->integer(), may_be_done);
}

TEST_F(RedisClusterDown, Halted_master_costs_deadlines_of_its_slots_alone) {
  const auto all = keys(90);
  const RedisServer& victim = owner(all.front());
  options_.nodes = {another_master(victim).address()};
  open();
  ASSERT_TRUE(is_served(all));
  victim.signal(SIGSTOP);
  const auto begun = now_ms();
  std::vector<std::future<Answer>> answers;
  for (const auto& key : all) answers.push_back(start({"GET", key}, true));
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto answer = text(finish(std::move(answers[i])));
    ++counts[answer == all[i] ? "right" : answer];
  }
  EXPECT_LT(now_ms() - begun, 3 * options_.command_timeout.count());
  EXPECT_GT(counts["right"], 30);
  EXPECT_GT(counts["deadline_exceeded"], 10);
  EXPECT_EQ(counts["right"] + counts["deadline_exceeded"], 90);

  // Its replica takes over; it comes back as a replica.
  EXPECT_TRUE(eventually([&] { return is_served(all); }));
  victim.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return is_served(all); }));
}

}  // namespace
}  // namespace longwire::test
