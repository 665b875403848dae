// The router against a server that does what no test could make a real one do.

#include <atomic>

#include "tests/contract/redis_fixture.h"
#include "tests/unit/storage/fake_redis.h"

namespace longwire::test {
namespace {

using std::chrono::milliseconds;
using Said = std::optional<std::string>;

class RedisRouter : public RedisFixture {
 protected:
  RedisRouter() {
    options_.command_timeout = milliseconds(300);
    options_.connect_timeout = milliseconds(300);
    options_.backoff_min = milliseconds(5);
  }
  void open_to(const FakeRedis& server) {
    options_.nodes = {server.address()};
    open();
  }
  bool is_empty() {
    return eventually([this] { return in_flight() == 0; });
  }
};

TEST_F(RedisRouter, Repeats_a_get_whose_answer_was_lost) {
  int asked = 0;
  FakeRedis server([&asked](const Words& words) -> Said {
    if (words[0] != "GET") return "?";
    if (++asked == 1) return std::nullopt;
    return "$5\r\nvalue\r\n";
  });
  open_to(server);
  EXPECT_EQ(text(get("key")), "value");
  EXPECT_EQ(server.count("GET"), 2);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(RedisRouter, Sends_an_increment_once_whatever_comes_of_it) {
  FakeRedis server([](const Words& words) -> Said {
    if (words[0] == "INCR") return std::nullopt;
    return "?";
  });
  open_to(server);
  EXPECT_EQ(text(call({"INCR", "number"})), "unknown_outcome");
  EXPECT_EQ(text(call({"PING"})), "PONG");
  EXPECT_EQ(server.count("INCR"), 1);
}

TEST_F(RedisRouter, Gives_a_get_up_whose_answer_is_lost_again_and_again) {
  FakeRedis server([](const Words& words) -> Said {
    if (words[0] == "GET") return std::nullopt;
    return "?";
  });
  open_to(server);
  EXPECT_EQ(text(get("key")), "unknown_outcome");
  EXPECT_LE(server.count("GET"), 9);
  EXPECT_TRUE(is_empty());
}

TEST_F(RedisRouter, Does_not_deny_what_a_repeat_was_refused) {
  std::unique_ptr<FakeRedis> server;
  server = std::make_unique<FakeRedis>([](const Words& words) -> Said {
    if (words[0] == "SET") return "";
    return "?";
  });
  open_to(*server);
  auto sent = start({"SET", "key", "value"}, true);
  ASSERT_TRUE(eventually([&] { return server->count("SET") == 1; }));
  server.reset();
  EXPECT_EQ(text(finish(std::move(sent))), "unknown_outcome");
}

TEST_F(RedisRouter, Follows_no_circle_for_ever) {
  FakeRedis server([](const Words& words) -> Said {
    if (words[0] == "GET") return "-MOVED 1 127.0.0.1:{port}\r\n";
    return "?";
  });
  open_to(server);
  EXPECT_EQ(text(get("key")), "unavailable");
  EXPECT_LE(server.count("GET"), 9);
}

TEST_F(RedisRouter, Says_asking_to_the_node_of_an_ask_and_once) {
  FakeRedis target([](const Words& words) -> Said {
    if (words[0] == "ASKING") return "+OK\r\n";
    if (words[0] == "INCR") return ":7\r\n";
    return "?";
  });
  FakeRedis source([&target](const Words& words) -> Said {
    if (words[0] == "INCR") return "-ASK 1 127.0.0.1:" + target.port() + "\r\n";
    return "?";
  });
  open_to(source);
  EXPECT_EQ(text(call({"INCR", "number"})), "7");
  EXPECT_EQ(target.heard(), (Words{"PING", "ASKING", "INCR number"}));
  EXPECT_EQ(text(call({"INCR", "number"})), "7");
  EXPECT_EQ(source.count("INCR"), 2);
}

TEST_F(RedisRouter, Repeats_anything_that_was_put_off) {
  int asked = 0;
  FakeRedis server([&asked](const Words& words) -> Said {
    if (words[0] != "INCR") return "?";
    switch (++asked) {
      case 1:
        return "-TRYAGAIN\r\n";
      case 2:
        return "-CLUSTERDOWN The cluster is down\r\n";
      case 3:
        return "-LOADING Redis is loading the dataset in memory\r\n";
      default:
        return ":1\r\n";
    }
  });
  open_to(server);
  EXPECT_EQ(text(call({"INCR", "number"})), "1");
  EXPECT_EQ(sent_again("later"), 3U);
}

TEST_F(RedisRouter, Puts_off_for_its_deadline_and_no_longer) {
  FakeRedis server([](const Words& words) -> Said {
    if (words[0] == "GET") return "-TRYAGAIN\r\n";
    return "?";
  });
  open_to(server);
  EXPECT_EQ(text(get("key")), "unavailable");
  // 20, 40, 80, 160 ms, each at least half: few fit.
  EXPECT_LE(server.count("GET"), 6);
  EXPECT_TRUE(is_empty());
}

TEST_F(RedisRouter, Finds_a_host_that_is_named_by_a_new_map) {
  FakeRedis target([](const Words& words) -> Said {
    if (words[0] == "GET") return "$3\r\nnew\r\n";
    return "?";
  });
  std::atomic<bool> moved = false;
  FakeRedis source([&](const Words& words) -> Said {
    if (words[0] == "GET") {
      moved = true;
      return "-MOVED 1 redis-2.example.org:" + target.port() + "\r\n";
    }
    if (words[0] != "CLUSTER") return "?";
    return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:" +
           (moved ? target.port() : "{port}") + "\r\n";
  });
  open_to(source);
  EXPECT_EQ(text(get("key")), "new");
}

TEST_F(RedisRouter, Gives_up_a_server_that_does_not_greet) {
  FakeRedis server([](const Words&) -> Said { return ""; });
  open_to(server);
  const auto begun = now_ms();
  EXPECT_EQ(text(get("key")), "unavailable");
  EXPECT_LT(now_ms() - begun, 2 * options_.connect_timeout.count());
  EXPECT_TRUE(is_empty());
}

TEST_F(RedisRouter, Gives_up_a_connection_that_falls_silent) {
  FakeRedis server([](const Words& words) -> Said {
    if (words[0] == "GET") return "";
    return "?";
  });
  open_to(server);
  EXPECT_EQ(text(get("key")), "deadline_exceeded");
  EXPECT_TRUE(is_empty());
  EXPECT_EQ(log_.count("node_down " + server.address()), 1);
}

TEST_F(RedisRouter, Survives_answers_that_nobody_asked_for) {
  for (const char* more : {":1\r\n", "+OK\r\n", "$2\r\nhi\r\n", "$-1\r\n", "*1\r\n:1\r\n", "*0\r\n",
                           "-ERR max number of clients reached\r\n"}) {
    int asked = 0;
    FakeRedis server([&asked, more](const Words& words) -> Said {
      if (words[0] != "GET") return "?";
      return ++asked == 1 ? std::string("$1\r\nv\r\n") + more : "$1\r\nv\r\n";
    });
    open_to(server);
    EXPECT_EQ(text(get("key")), "v");
    EXPECT_TRUE(eventually([&] { return log_.count("node_down " + server.address()) == 1; }));
    EXPECT_EQ(text(get("key")), "v") << more;
  }
}

TEST_F(RedisRouter, Survives_what_is_no_protocol) {
  for (const char* bytes : {"HTTP/1.1 400 Bad Request\r\n\r\n", "$x\r\n", "*-2\r\n", "$-2\r\n",
                            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
                            "*99999999999999999999\r\n", "%1\r\n+a\r\n+b\r\n"}) {
    FakeRedis server([bytes](const Words& words) -> Said {
      if (words[0] == "INCR") return bytes;
      return "?";
    });
    open_to(server);
    EXPECT_EQ(text(call({"INCR", "key"})), "unknown_outcome") << bytes;
    EXPECT_EQ(text(call({"PING"})), "PONG") << bytes;
  }
}

TEST_F(RedisRouter, Tells_a_map_without_sense_once) {
  FakeRedis server([](const Words& words) -> Said {
    if (words[0] == "CLUSTER") return "*1\r\n:1\r\n";
    return "?";
  });
  open_to(server);
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(text(get("key")), "unavailable");
    return server.count("CLUSTER") >= 3;
  }));
  EXPECT_EQ(log_.count("no_slot_map"), 1);
}

TEST_F(RedisRouter, Asks_the_next_node_for_a_map_where_one_refuses) {
  FakeRedis bad([](const Words& words) -> Said {
    if (words[0] == "CLUSTER") return "-NOPERM this user has no permissions\r\n";
    return "?";
  });
  FakeRedis good([](const Words& words) -> Said {
    if (words[0] == "GET") return "$1\r\nv\r\n";
    if (words[0] != "CLUSTER") return "?";
    return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$-1\r\n:{port}\r\n";
  });
  options_.nodes = {bad.address(), good.address()};
  open();
  EXPECT_EQ(text(get("key")), "v");
}

TEST_F(RedisRouter, Forgets_a_node_that_left_the_cluster) {
  std::atomic<bool> left = false;
  std::string staying;
  FakeRedis leaving([&](const Words& words) -> Said {
    if (words[0] == "GET") return left ? "-MOVED 12182 " + staying + "\r\n" : "$3\r\nold\r\n";
    if (words[0] == "CLUSTER") return "-NOPERM this user has no permissions\r\n";
    return "?";
  });
  FakeRedis server([&](const Words& words) -> Said {
    if (words[0] == "GET") return "$3\r\nnew\r\n";
    if (words[0] != "CLUSTER") return "?";
    const std::string owner = left ? "{port}" : leaving.port();
    return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + owner + "\r\n";
  });
  staying = server.address();
  open_to(server);
  EXPECT_EQ(text(get("foo")), "old");
  left = true;
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(text(get("foo")), "new");
    return log_.count("node_down " + leaving.address()) == 1;
  }));
  EXPECT_EQ(log_.count("node_down " + staying), 0);
}

TEST_F(RedisRouter, Lets_few_wait_for_slots_that_nobody_serves) {
  options_.in_flight_max = 400;
  FakeRedis server([](const Words& words) -> Said {
    if (words[0] == "GET") return "$1\r\nv\r\n";
    if (words[0] != "CLUSTER") return "?";
    // The slot of "foo", 12182, alone.
    return "*1\r\n*3\r\n:12182\r\n:12182\r\n*2\r\n$9\r\n127.0.0.1\r\n:{port}\r\n";
  });
  open_to(server);
  EXPECT_EQ(text(get("foo")), "v");
  std::vector<std::future<Answer>> waiting;
  for (int i = 0; i < 1000; ++i) waiting.push_back(start({"GET", "bar"}, true));
  EXPECT_EQ(text(get("foo")), "v");
  for (auto& each : waiting) EXPECT_EQ(text(finish(std::move(each))), "unavailable");
  EXPECT_TRUE(is_empty());
}

TEST_F(RedisRouter, Answers_those_that_wait_when_it_ends) {
  FakeRedis server([](const Words&) -> Said { return ""; });
  open_to(server);
  auto waiting = start({"GET", "key"}, true);
  ASSERT_TRUE(eventually([&] { return server.count("PING") == 1; }));
  close();
  EXPECT_EQ(text(finish(std::move(waiting))), "unavailable");
  EXPECT_EQ(in_flight(), 0);
}

}  // namespace
}  // namespace longwire::test
