// The Redis client on one server without cluster support.

#include <algorithm>
#include <fstream>

#include "tests/contract/redis_fixture.h"
#include "tests/contract/redis_load.h"
#include "tests/contract/redis_servers.h"

namespace longwire::test {
namespace {

using std::chrono::milliseconds;

class RedisSingle : public RedisFixture {
 protected:
  RedisSingle() {
    server_.ask({"FLUSHALL"});
    options_.nodes = {server_.address()};
  }
  bool reaches() { return text(call({"SET", "probe", "1"})) == "OK"; }

  const RedisServer server_ = single_redis();
};

TEST_F(RedisSingle, Answers_in_every_type) {
  open();
  EXPECT_EQ(text(call({"SET", "text", "value"})), "OK");
  EXPECT_EQ(text(get("text")), "value");
  EXPECT_EQ(text(call({"INCR", "number"})), "1");
  EXPECT_TRUE(get("nothing")->is_nil());
  EXPECT_EQ(call({"MGET", "text", "nothing", "number"}).value(),
            Reply(Reply::Array{Bytes("value"), Reply(), Bytes("1")}));
  EXPECT_EQ(text(call({"LPUSH", "text", "x"})).substr(0, 9), "WRONGTYPE");
  EXPECT_EQ(text(call({"PING"})), "PONG");
}

TEST_F(RedisSingle, Carries_any_byte_and_large_values) {
  open();
  std::string value(8 << 20, '\0');
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 7 + i / 251);
  EXPECT_EQ(text(call({"SET", std::string("k\0\r\n", 4), value})), "OK");
  EXPECT_TRUE(text(get(std::string("k\0\r\n", 4))) == value);
}

TEST_F(RedisSingle, Answers_each_of_many_at_once_with_its_own) {
  open();
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 5000; ++i) answers.push_back(start({"ECHO", std::to_string(i)}));
  int right = 0;
  for (int i = 0; i < 5000; ++i) {
    if (text(finish(std::move(answers[static_cast<std::size_t>(i)]))) == std::to_string(i)) ++right;
  }
  EXPECT_EQ(right, 5000);
  EXPECT_TRUE(eventually([this] { return in_flight() == 0; }));
}

TEST_F(RedisSingle, Refuses_beyond_its_bound_and_goes_on_after) {
  options_.in_flight_max = 10;
  open();
  ASSERT_TRUE(reaches());
  std::vector<std::future<Answer>> answers;
  ASSERT_TRUE(loop_.call([&] {
    for (int i = 0; i < 15; ++i) {
      auto promise = std::make_shared<std::promise<Answer>>();
      answers.push_back(promise->get_future());
      router_->send({.words = {"PING"}, .key = {}},
                    [promise](Answer answer) { promise->set_value(std::move(answer)); });
    }
  }));
  int refused = 0;
  for (auto& answer : answers) {
    if (text(finish(std::move(answer))) == "resource_exhausted") ++refused;
  }
  EXPECT_EQ(refused, 5);
  EXPECT_TRUE(reaches());
}

TEST_F(RedisSingle, Refuses_what_would_change_the_connection) {
  open();
  for (const Words& words : {Words{}, Words{"SUBSCRIBE", "c"}, Words{"multi"}, Words{"HELLO", "3"},
                             Words{"Client", "REPLY", "OFF"}, Words{"SELECT", "1"}}) {
    EXPECT_EQ(text(call(words)), "invalid_argument");
  }
}

TEST_F(RedisSingle, Greets_with_user_and_password) {
  const std::string path = testing::TempDir() + "redis_single_test_password";
  std::ofstream(path) << "right\n";
  ASSERT_EQ(server_.ask_text({"ACL", "SETUSER", "cache", "reset", "on", ">right", "~*", "+@all"}),
            "OK");
  options_.username = "cache";
  options_.password_file = path;
  open();
  EXPECT_EQ(text(call({"ACL", "WHOAMI"})), "cache");

  std::ofstream(path) << "wrong\n";
  open();
  const auto refused = call({"PING"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("WRONGPASS"), std::string::npos)
      << refused.error().message;

  std::ofstream(path) << "right\n";
  EXPECT_TRUE(eventually([this] { return text(call({"PING"})) == "PONG"; }));
}

TEST_F(RedisSingle, Is_refused_as_one_of_several) {
  options_.nodes = {server_.address(), "127.0.0.1:1"};
  open();
  const auto refused = get("key");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(log_.count("no_slot_map"), 1);
}

TEST_F(RedisSingle, Absent_is_told_at_once) {
  options_.nodes = {"127.0.0.1:1"};
  open();
  const auto begun = now_ms();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(text(get("key")), "unavailable");
  EXPECT_LT(now_ms() - begun, 2000);
  EXPECT_EQ(log_.count("node_down 127.0.0.1:1"), 1);
}

TEST_F(RedisSingle, Router_that_ends_answers_what_it_owes) {
  open();
  ASSERT_TRUE(reaches());
  server_.signal(SIGSTOP);
  auto sent = start({"INCR", "number"});
  ASSERT_TRUE(eventually([this] { return in_flight() == 1; }));
  close();
  server_.signal(SIGCONT);
  EXPECT_EQ(text(finish(std::move(sent))), "unknown_outcome");
  EXPECT_TRUE(eventually([this] { return in_flight() == 0; }));
}

// The server closes connections again and again, with commands on their way.
class RedisSingleCut : public RedisSingle {
 protected:
  // Keeps `words` on its way until `enough` holds, cutting all the time; the answers.
  template <typename Enough>
  std::vector<Answer> cut_under(const Words& words, bool repeatable, Enough enough) {
    std::vector<Answer> answers;
    EXPECT_TRUE(eventually([&] {
      // One that is cut while it greets begins a pause: that is another test's.
      EXPECT_TRUE(eventually([this] { return reaches(); }));
      std::vector<std::future<Answer>> batch;
      for (int i = 0; i < 2000; ++i) batch.push_back(start(words, repeatable));
      server_.ask({"CLIENT", "KILL", "TYPE", "normal"});
      for (auto& answer : batch) answers.push_back(finish(std::move(answer)));
      return enough(answers);
    }));
    return answers;
  }
};

TEST_F(RedisSingleCut, Counts_no_increment_twice) {
  server_.ask({"SET", "number", "0"});
  open();
  const auto lost = [](const Answer& each) {
    return !each.ok() && each.error().code == ErrorCode::kUnknownOutcome;
  };
  const auto was_done = [](const Answer& each) { return each.ok(); };
  const auto answers = cut_under({"INCR", "number"}, false, [&](const auto& each) {
    return std::count_if(each.begin(), each.end(), lost) > 500 &&
           std::count_if(each.begin(), each.end(), was_done) > 500;
  });
  const auto answered = std::count_if(answers.begin(), answers.end(), was_done);
  const auto unknown = std::count_if(answers.begin(), answers.end(), lost);
  // What was refused was not done; what was done was done once.
  const auto counted = std::stol(server_.ask_text({"GET", "number"}));
  EXPECT_GE(counted, answered);
  EXPECT_LE(counted, answered + unknown);
  RecordProperty("answered", std::to_string(answered));
  RecordProperty("unknown", std::to_string(unknown));
}

TEST_F(RedisSingleCut, Repeats_what_may_be_repeated) {
  server_.ask({"SET", "key", "value"});
  open();
  const auto answers =
      cut_under({"GET", "key"}, true, [this](const auto&) { return sent_again("lost") > 500; });
  for (const Answer& each : answers) EXPECT_EQ(text(each), "value");
}

// The server itself goes.
class RedisSingleDown : public RedisSingle {
 protected:
  static constexpr int kKeys = 64;
  static std::vector<std::string> keys() {
    std::vector<std::string> names;
    for (int i = 0; i < kKeys; ++i) names.push_back("key" + std::to_string(i));
    return names;
  }
};

TEST_F(RedisSingleDown, Killed_it_is_found_again_after_its_restart) {
  open();
  RedisLoad load(loop_, *router_, keys());
  ASSERT_TRUE(eventually([&] { return load.tally().answered > 1000; }));
  server_.signal(SIGKILL);
  ASSERT_TRUE(eventually([&] { return load.tally().refused > 100; }));
  bring_up("redis");
  const int before = load.tally().answered;
  ASSERT_TRUE(eventually([&] { return load.tally().answered > before + 1000; }));
  load.stop();
  EXPECT_THAT(load.tally().wrong, testing::IsEmpty());
  EXPECT_EQ(log_.count("node_down " + server_.address()), 1);
  EXPECT_EQ(log_.count("node_up " + server_.address()), 2);
}

TEST_F(RedisSingleDown, Halted_it_costs_deadlines_and_no_more) {
  open();
  RedisLoad load(loop_, *router_, keys());
  ASSERT_TRUE(eventually([&] { return load.tally().answered > 1000; }));
  server_.signal(SIGSTOP);
  // First those on their way run out, then all is refused at once.
  ASSERT_TRUE(eventually([&] { return load.tally().unknown > 0; }));
  ASSERT_TRUE(eventually([&] { return load.tally().refused > 1000; }));
  EXPECT_LE(load.tally().unknown, kKeys);
  server_.signal(SIGCONT);
  const int before = load.tally().answered;
  ASSERT_TRUE(eventually([&] { return load.tally().answered > before + 1000; }));
  load.stop();
  EXPECT_THAT(load.tally().wrong, testing::IsEmpty());
  EXPECT_TRUE(eventually([this] { return in_flight() == 0; }));
}

TEST_F(RedisSingleDown, Halted_it_answers_within_the_deadline) {
  open();
  ASSERT_TRUE(reaches());
  server_.signal(SIGSTOP);
  const auto begun = now_ms();
  EXPECT_EQ(text(get("key")), "deadline_exceeded");
  const auto taken = now_ms() - begun;
  server_.signal(SIGCONT);
  EXPECT_GE(taken, options_.command_timeout.count());
  EXPECT_LT(taken, 2 * options_.command_timeout.count());
  EXPECT_TRUE(eventually([this] { return reaches(); }));
}

}  // namespace
}  // namespace longwire::test
