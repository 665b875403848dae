// The server itself: killed with -9 during writes, halted, absent, of the wrong kind.

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/contract/mysql_fixture.h"

namespace longwire::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The server of mysql_test.py, which named its instance in LONGWIRE_TEST_MYSQL_INSTANCE.
class Server {
 public:
  void send(int number) {
    std::ifstream file(instance() + "/mariadb/mariadb.pid");
    pid_t pid = 0;
    file >> pid;
    CHECK(pid > 1);
    const int watched = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    CHECK(watched >= 0);
    CHECK(::kill(pid, number) == 0);
    // Its last thread is gone then, and its locks and port with it: the next can start.
    pollfd end{.fd = watched, .events = POLLIN, .revents = 0};
    if (number == SIGKILL) CHECK(::poll(&end, 1, 60'000) == 1);
    ::close(watched);
  }
  // Starts it where it does not run; returns when it answers.
  void up() {
    const std::string command =
        "/usr/bin/python3 deploy/local/services.py up mariadb --instance '" + instance() +
        "' > /dev/null";
    CHECK(std::system(command.c_str()) == 0);
  }

 private:
  static std::string instance() {
    const char* const value = std::getenv("LONGWIRE_TEST_MYSQL_INSTANCE");
    CHECK(value != nullptr);
    return value;
  }
};

class MySqlServer : public MySqlFixture {
 protected:
  std::string failure_to_open() {
    const auto opened = try_open();
    if (opened.ok()) return "opened";
    EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
    return opened.error().message;
  }

  Server server_;
};

class MySqlKill : public MySqlServer {
 protected:
  static constexpr int kRounds = 3;

  MySqlKill() {
    options_.write_connections = 4;
    options_.backoff_max = milliseconds(200);
    options_.decide_timeout = seconds(100);  // longer than the server is away
    open();
  }
  std::uint64_t acknowledged() {
    std::uint64_t sum = 0;
    for (const Adder& adder : adders_) sum += adder.acknowledged();
    return sum;
  }
  void write_and_kill() {
    for (int round = 0; round < kRounds; ++round) {
      const std::uint64_t enough = acknowledged() + 200;
      while (acknowledged() < enough && !HasFailure()) std::this_thread::yield();
      up_ = false;
      server_.send(SIGKILL);
      server_.up();
      up_ = true;
      up_.notify_all();
    }
  }

  std::array<Adder, 4> adders_ = {Adder("one"), Adder("two"), Adder("three"), Adder("four")};
  std::atomic<bool> up_ = true;
  std::atomic<bool> stop_ = false;
};

TEST_F(MySqlKill, Loses_no_acknowledged_write_and_does_none_twice) {
  std::vector<std::thread> threads;
  for (Adder& adder : adders_) {
    threads.emplace_back([&] {
      adder.run([&](const std::string& name) { return start_add(1, name); }, up_, stop_);
    });
  }
  write_and_kill();
  stop_ = true;
  for (std::thread& thread : threads) thread.join();
  for (const Adder& adder : adders_) {
    EXPECT_EQ(adder.unknown(), 0u) << "the server came back: each commit can be decided";
    EXPECT_EQ(start_add(0, adder.name()).get().value(), adder.acknowledged()) << adder.name();
  }
}

TEST_F(MySqlServer, Halted_answers_nobody_and_calls_end_all_the_same) {
  options_.read_timeout = options_.connect_timeout = seconds(1);
  options_.decide_timeout = milliseconds(50);
  options_.backoff_max = milliseconds(100);
  open();
  ASSERT_EQ(add(5).value(), 5u);
  ASSERT_TRUE(apps().ok());
  server_.send(SIGSTOP);
  const auto written = add(1);
  const auto read = apps();
  server_.send(SIGCONT);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(read.error().code, ErrorCode::kUnavailable);
  while (!apps().ok()) std::this_thread::yield();
  Total after = add(2);
  while (!after.ok()) after = add(2);
  EXPECT_EQ(after.value(), 7u) << "what was told as not done is not done later either";
}

TEST_F(MySqlServer, Absent_is_told_with_its_address) {
  gate_.shut();
  EXPECT_NE(failure_to_open().find(options_.address), std::string::npos);
}

TEST_F(MySqlServer, Wrong_password_is_told) {
  options_.password_file.clear();
  options_.password = Secret("wrong");
  const std::string failure = failure_to_open();
  EXPECT_NE(failure.find("Access denied"), std::string::npos) << failure;
  EXPECT_EQ(failure.find("wrong"), std::string::npos) << failure;
}

TEST_F(MySqlServer, Missing_database_is_told) {
  options_.database = "nowhere";
  EXPECT_NE(failure_to_open().find("nowhere"), std::string::npos);
}

// The server of deploy/local has no certificate.
TEST_F(MySqlServer, Without_TLS_is_refused_where_TLS_is_required) {
  for (const char* kind : {"required", "verified"}) {
    options_.tls = kind;
    const std::string failure = failure_to_open();
    EXPECT_NE(failure.find("TLS"), std::string::npos) << failure;
  }
}

}  // namespace
}  // namespace longwire::test
