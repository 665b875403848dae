#include "tests/contract/zookeeper_back_end.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/random.h"
#include "storage/zookeeper/zookeeper_membership.h"
#include "tests/contract/tcp_gate.h"
#include "tests/support/eventually.h"

namespace longwire::test {
namespace {

constexpr std::chrono::milliseconds kLease{3'000};

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  CHECK(value != nullptr);
  return value;
}

// A running zookeeper_member, until it is killed or this ends.
class ZooKeeperMember final : public MemberProcess {
 public:
  ZooKeeperMember(const storage::zookeeper::Options& options, const middle::Member& self) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    CHECK(::pipe2(in.data(), O_CLOEXEC) == 0);
    CHECK(::pipe2(out.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string program = LONGWIRE_ZOOKEEPER_MEMBER;
    std::vector<std::string> words = {program,      options.servers.front(),
                                      options.path, std::to_string(options.session_timeout.count()),
                                      self.address, self.life};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    CHECK(::posix_spawn(&child_, program.c_str(), &actions, nullptr, arguments.data(), environ) ==
          0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    reader_ = std::thread([this, from = out[0]] { read_all(from); });
  }
  ~ZooKeeperMember() override {
    go_on();
    ::close(in_);  // which ends it
    CHECK(::waitpid(child_, nullptr, 0) == child_);
    reader_.join();
  }
  Told& told() override { return told_; }
  void kill() override { ::kill(child_, SIGKILL); }
  void halt() override { ::kill(child_, SIGSTOP); }
  void go_on() override { ::kill(child_, SIGCONT); }

 private:
  void read_all(int from) {
    std::string line;
    for (char byte = 0; ::read(from, &byte, 1) == 1;) {
      if (byte != '\n') {
        line += byte;
      } else {
        told_.add(std::exchange(line, {}));
      }
    }
    ::close(from);
  }

  Told told_;
  pid_t child_ = -1;
  int in_ = -1;
  std::thread reader_;
};

class ZooKeeperBackEnd final : public MembershipBackEnd {
 public:
  ZooKeeperBackEnd() { ::signal(SIGPIPE, SIG_IGN); }

  std::unique_ptr<middle::Membership> make() override {
    return storage::zookeeper::make_membership(options_, system_clock(), null_log());
  }
  std::unique_ptr<middle::Membership> make_behind_gate() override {
    auto options = options_;
    options.servers = {gate_.address()};
    return storage::zookeeper::make_membership(options, system_clock(), null_log());
  }
  std::unique_ptr<MemberProcess> start_process(const middle::Member& self) override {
    return std::make_unique<ZooKeeperMember>(options_, self);
  }
  void cut_off() override { gate_.shut(); }
  void reconnect() override { gate_.open(); }
  void stop_servers() override {
    std::ifstream file(variable("LONGWIRE_TEST_ZOOKEEPER_INSTANCE") + "/zookeeper/zookeeper.pid");
    pid_t pid = 0;
    file >> pid;
    CHECK(pid > 1);
    CHECK(::kill(pid, SIGKILL) == 0);
  }
  void start_servers() override {
    const std::string command =
        "/usr/bin/python3 deploy/local/services.py up zookeeper --instance '" +
        variable("LONGWIRE_TEST_ZOOKEEPER_INSTANCE") + "' > /dev/null";
    CHECK(std::system(command.c_str()) == 0);
  }
  // A member speaks at least once in a third of its lease; the rest is for a busy machine.
  std::chrono::milliseconds lease_min() const override { return kLease / 2; }

 private:
  const storage::zookeeper::Options options_ = zookeeper_test_options();
  TcpGate gate_{options_.servers.front()};
};

}  // namespace

std::optional<std::string> zookeeper_servers() {
  const char* const servers = std::getenv("LONGWIRE_TEST_ZOOKEEPER");
  if (servers == nullptr) return std::nullopt;
  return servers;
}

storage::zookeeper::Options zookeeper_test_options() {
  return {.servers = {zookeeper_servers().value()},
          .path = "/test-" + hex_encode(system_random().bytes(6)) + "/cluster",
          .session_timeout = kLease};
}

std::unique_ptr<MembershipBackEnd> make_zookeeper_back_end() {
  return std::make_unique<ZooKeeperBackEnd>();
}

}  // namespace longwire::test
