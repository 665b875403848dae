// The membership on a real ZooKeeper: what its nodes look like, what operators do to them, what is
// refused.

#include <gtest/gtest.h>
#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "base/guarded.h"
#include "storage/zookeeper/member_node.h"
#include "storage/zookeeper/session.h"
#include "storage/zookeeper/zookeeper_membership.h"
#include "tests/contract/zookeeper_back_end.h"
#include "tests/support/eventually.h"

namespace longwire::test {
namespace {

using Lists = std::vector<std::string>;
namespace zk = storage::zookeeper;

// An operator's client.
class Operator {
 public:
  Operator() {
    zoo_set_debug_level(static_cast<ZooLogLevel>(0));
    client_ =
        zookeeper_init(zookeeper_servers().value().c_str(), nullptr, 10'000, nullptr, nullptr, 0);
    CHECK(client_ != nullptr);
    CHECK(eventually([this] { return zoo_state(client_) == ZOO_CONNECTED_STATE; }));
  }
  ~Operator() { zookeeper_close(client_); }
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  void create(const std::string& path, const std::string& data = "",
              const ACL_vector& rights = ZOO_OPEN_ACL_UNSAFE) {
    CHECK(zoo_create(client_, path.c_str(), data.data(), static_cast<int>(data.size()), &rights, 0,
                     nullptr, 0) == ZOK);
  }
  void forbid_making(const std::string& path) {
    CHECK(zoo_set_acl(client_, path.c_str(), -1, &ZOO_READ_ACL_UNSAFE) == ZOK);
  }
  void remove(const std::string& path) { CHECK(zoo_delete(client_, path.c_str(), -1) == ZOK); }
  bool is_there(const std::string& path) {
    return zoo_exists(client_, path.c_str(), 0, nullptr) == ZOK;
  }
  std::string data(const std::string& path) {
    std::array<char, 512> bytes{};
    int size = static_cast<int>(bytes.size());
    CHECK(zoo_get(client_, path.c_str(), 0, bytes.data(), &size, nullptr) == ZOK);
    return {bytes.data(), static_cast<std::size_t>(size)};
  }

 private:
  zhandle_t* client_ = nullptr;
};

// Keeps the lines. Thread-safe.
class Lines final : public LogSink {
 public:
  bool enabled(LogLevel level) const override { return level >= LogLevel::kInfo; }
  void write(LogLevel level, std::string_view module, std::string_view event,
             std::initializer_list<LogField> fields) override {
    lines_.lock()->push_back(format_log_text(
        {.utc_ms = 0, .level = level, .module = module, .event = event, .fields = fields}));
  }
  int count(std::string_view part) {
    const auto lines = lines_.lock();
    return static_cast<int>(std::count_if(lines->begin(), lines->end(), [part](const auto& line) {
      return line.find(part) != std::string::npos;
    }));
  }

 private:
  Guarded<std::vector<std::string>> lines_;
};

class ZooKeeperServer : public testing::Test {
 protected:
  // Of start(): nothing where there is no answer.
  Status join() {
    const auto promise = std::make_shared<std::promise<Status>>();
    auto answer = promise->get_future();
    membership_ = zk::make_membership(options_, system_clock(), log_);
    membership_->start(
        std::make_unique<middle::Member>(self_), [this](const auto& list) { told_.add(list); },
        [promise](Status done) { promise->set_value(std::move(done)); });
    if (answer.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      return Error{ErrorCode::kInternal, "no answer"};
    }
    return answer.get();
  }
  Lists lists(std::size_t count) {
    eventually([&] { return told_.all().size() >= count; });
    return told_.all();
  }
  std::string top() const { return options_.path.substr(0, options_.path.rfind('/')); }
  std::string node() const { return zk::node_path(options_.path, self_.address); }

  zk::Options options_ = zookeeper_test_options();
  middle::Member self_{.address = "10.0.0.1:1", .life = "a", .version = "1.2 (test)"};
  Operator operator_;
  Lines log_;
  Told told_;
  std::unique_ptr<middle::Membership> membership_;
};

TEST_F(ZooKeeperServer, Path_is_made_and_a_member_is_a_node_that_people_can_read) {
  ASSERT_TRUE(join().ok());
  EXPECT_EQ(node(), options_.path + "/members/10.0.0.1:1");
  EXPECT_EQ(operator_.data(node()), "1\na\n1.2 (test)");
  EXPECT_EQ(log_.count("joined"), 1);
}

TEST_F(ZooKeeperServer, Node_that_an_operator_removes_is_made_again) {
  ASSERT_TRUE(join().ok());
  lists(1);
  operator_.remove(node());
  EXPECT_EQ(lists(3), Lists({"10.0.0.1:1/a", "", "10.0.0.1:1/a"}));
}

// A reader who asks all the time, while one life replaces the other again and again.
TEST_F(ZooKeeperServer, Node_that_is_replaced_is_never_away) {
  constexpr int kRounds = 50;
  ASSERT_TRUE(join().ok());
  std::atomic<bool> done = false;
  std::atomic<int> away = 0;
  std::thread reader([&] {
    while (!done) away += operator_.is_there(node()) ? 0 : 1;
  });
  zk::Signals signals;
  const auto session = zk::Session::open(options_, signals).value();
  const auto is_there = [&signals] { return signals.take({}).link == zk::Link::kThere; };
  EXPECT_TRUE(eventually(is_there));
  for (int round = 0; round < kRounds; ++round) {
    EXPECT_TRUE(session->replace_ephemeral(node(), "1\nb\n").ok());
  }
  done = true;
  reader.join();
  EXPECT_EQ(away, 0);
}

TEST_F(ZooKeeperServer, What_is_no_member_is_not_told_and_does_no_harm) {
  ASSERT_TRUE(join().ok());
  lists(1);
  operator_.create(options_.path + "/members/note-to-self", "restart me on Monday");
  operator_.create(options_.path + "/members/10.0.0.2:1", "7\nb\n9.0\nwhat a later version adds");
  EXPECT_EQ(lists(2), Lists({"10.0.0.1:1/a", "10.0.0.1:1/a 10.0.0.2:1/b"}));
  EXPECT_GE(log_.count("not a member's node"), 1);
}

TEST_F(ZooKeeperServer, Path_whose_access_list_forbids_it_is_refused_in_words) {
  operator_.create(top(), "", ZOO_READ_ACL_UNSAFE);
  const Status joined = join();
  ASSERT_FALSE(joined.ok());
  EXPECT_EQ(joined.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(joined.error().message,
            "ZooKeeper refuses " + options_.path + ": the node's access list does not allow it");
}

TEST_F(ZooKeeperServer, Path_that_is_there_already_needs_no_right_above_it) {
  operator_.create(top());
  operator_.create(options_.path);
  operator_.forbid_making(top());
  EXPECT_TRUE(join().ok());
}

TEST_F(ZooKeeperServer, First_server_that_answers_is_enough) {
  options_.servers.insert(options_.servers.begin(), "127.0.0.1:1");
  EXPECT_TRUE(join().ok());
}

TEST_F(ZooKeeperServer, Session_that_the_servers_shorten_is_told_in_the_log) {
  options_.session_timeout = std::chrono::milliseconds(1'000'000'000);
  ASSERT_TRUE(join().ok());
  EXPECT_EQ(log_.count("session_timeout_ms=600000"), 1);
}

TEST_F(ZooKeeperServer, Address_in_use_by_another_process_is_told_in_the_log_once) {
  ASSERT_TRUE(join().ok());
  const auto later = zk::make_membership(options_, system_clock(), null_log());
  middle::Member same = self_;
  same.life = "b";
  later->start(
      std::make_unique<middle::Member>(same), [](const auto&) {}, [](const Status&) {});
  EXPECT_TRUE(eventually([&] { return log_.count("another process has joined as") > 0; }));
  operator_.create(options_.path + "/members/nobody");
  // Told whenever the members are read: by then the second reading has met the same.
  EXPECT_TRUE(eventually([&] { return log_.count("not a member's node") > 1; }));
  EXPECT_EQ(log_.count("another process has joined as"), 1);
}

}  // namespace
}  // namespace longwire::test
