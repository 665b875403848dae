#include "daemon/workers/supervisor.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <set>

#include "base/net/loop_thread.h"
#include "daemon/workers/worker_seat.h"
#include "tests/unit/daemon/temporary_directory.h"

namespace longwire::daemon {
namespace {

using namespace std::chrono_literals;

// Its workers are shell scripts, which serve nothing: tests/integration/workers_test.py has real
// ones.
class SupervisorTest : public ::testing::Test {
 protected:
  SupervisorTest() { addresses_.listen = addresses_.listen_tls = "127.0.0.1:0"; }

  void open(const std::string& script) {
    auto opened = Supervisor::open(
        {.loop = thread_.loop(),
         .environment = {thread_.loop(), system_clock(), system_random(), null_log(), metrics_},
         .config = config_,
         .addresses = addresses_,
         .loops_per_worker = 2,
         .command = {"/bin/sh", "-c", script}});
    ASSERT_TRUE(opened.ok());
    supervisor_ = std::move(*opened);
  }
  void TearDown() override {
    if (!supervisor_) return;
    EXPECT_TRUE(ask([this](Callback<void> done) { supervisor_->stop(std::move(done)); }).ok());
    thread_.call([this] { supervisor_.reset(); });
  }
  template <typename Call>
  Result<void> ask(Call call) {
    std::promise<Result<void>> answer;
    thread_.call([&] { call(Callback<void>([&](Result<void> r) { answer.set_value(r); })); });
    return answer.get_future().get();
  }
  Result<void> start() {
    return ask([this](Callback<void> done) { supervisor_->start(std::move(done)); });
  }

  Metrics metrics_;
  WorkersConfig config_{.count = 3};
  xmpp::XmppConfig addresses_;
  TemporaryDirectory folder_;
  net::LoopThread thread_{"supervisor"};
  std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, all_workers_share_the_ports_that_the_first_was_given) {
  open("exit 0");
  EXPECT_NE(supervisor_->addresses().xmpp.port, 0);
  EXPECT_NE(supervisor_->addresses().xmpps.port, 0);
  EXPECT_NE(supervisor_->addresses().xmpp.port, supervisor_->addresses().xmpps.port);
}

TEST_F(SupervisorTest, a_worker_that_ends_before_it_serves_ends_the_start) {
  open("exit 3");
  const auto started = start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, ErrorCode::kUnavailable);
}

TEST_F(SupervisorTest, a_worker_that_never_serves_is_killed_and_ends_the_start) {
  config_.start_timeout = 50ms;
  open("exec sleep 1000");
  EXPECT_FALSE(start().ok());
}

TEST_F(SupervisorTest, a_worker_gets_its_seat_and_the_descriptors_that_it_names) {
  config_.count = 1;
  const auto list = folder_.path() / "list";
  open("echo \"$0\" >" + list.string() + "; ls /proc/$$/fd >>" + list.string());
  EXPECT_FALSE(start().ok());
  std::ifstream file(list);
  std::string seat_text;
  file >> seat_text;
  const auto seat = read_seat(seat_text.substr(seat_text.find('=') + 1));
  ASSERT_TRUE(seat.ok()) << seat_text;
  EXPECT_EQ(seat->sockets.size(), 2u);
  const std::set<int> there{std::istream_iterator<int>(file), {}};
  for (const int descriptor : seat->descriptors()) EXPECT_TRUE(there.contains(descriptor));
}

TEST_F(SupervisorTest, a_drain_of_a_worker_that_is_not_there_is_refused) {
  open("exit 0");
  ControlTable table;
  supervisor_->add_control(table);
  const auto refused = ask([&](Callback<void> done) {
    (*table.find("drain"))({{"spreadMs", 0}, {"worker", 3}},
                           [done = std::move(done)](Result<Json> answer) mutable {
                             done(answer.ok() ? Result<void>() : answer.error());
                           });
  });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace longwire::daemon
