// Connections that are lost at the worst moment, deadlocks, locks: each write is done once, or told
// as not done, or as unknown.

#include "tests/contract/mysql_fixture.h"

namespace longwire::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Fault = MySqlGate::Fault;

class MySqlFaults : public MySqlFixture {
 protected:
  MySqlFaults() {
    open();
    EXPECT_EQ(add(5).value(), 5u);
  }
};

TEST_F(MySqlFaults, Connections_killed_between_calls_are_made_anew) {
  ASSERT_TRUE(apps().ok());
  ASSERT_EQ(kill_connections(), 2u);
  EXPECT_TRUE(apps().ok());
  EXPECT_EQ(add(2).value(), 7u);
}

TEST_F(MySqlFaults, Write_whose_connection_is_killed_is_done_once) {
  auto holder = std::make_unique<Holder>(hold_counter());
  auto answer = start_add(2);
  wait_for_lock_waits(1);
  const auto waiting = database_.ask(
      "SELECT id FROM information_schema.processlist"
      " WHERE db = DATABASE() AND info LIKE 'INSERT INTO counters%'");
  ASSERT_EQ(waiting.size(), 1u);
  database_.execute("KILL " + waiting.front());
  holder.reset();
  EXPECT_EQ(answer.get().value(), 7u);
  EXPECT_EQ(stored_total(), 7u);
}

TEST_F(MySqlFaults, Commit_that_never_reached_the_server_is_done_again) {
  gate_.set_fault(Fault::kCutBefore);
  EXPECT_EQ(add(2).value(), 7u);
  EXPECT_EQ(gate_.faults(), 1);
  EXPECT_EQ(stored_total(), 7u);
}

TEST_F(MySqlFaults, Commit_whose_answer_was_lost_is_not_done_again) {
  gate_.set_fault(Fault::kCutAfter);
  EXPECT_EQ(add(2).value(), 7u);
  EXPECT_EQ(gate_.faults(), 1);
  EXPECT_EQ(stored_total(), 7u);
}

TEST_F(MySqlFaults, Answers_of_a_lost_commit_are_those_of_the_first_try) {
  gate_.set_fault(Fault::kCutAfter);
  middle::User user;
  user.account = middle::XmppAccount("alice");
  EXPECT_TRUE(start<bool>([&](auto done) { directory_->create_user(user, std::move(done)); })
                  .get()
                  .value());
  gate_.set_fault(Fault::kCutAfter);
  middle::RosterItem item;
  item.owner = user.account;
  item.contact = "bob@example.org";
  const auto version = start<std::optional<std::uint64_t>>([&](auto done) {
                         directory_->put_roster_item(item, std::move(done));
                       }).get();
  ASSERT_TRUE(version.value().has_value()) << "a repeat finds the item of the first try";
  EXPECT_EQ(gate_.faults(), 2);
}

TEST_F(MySqlFaults, Commit_that_comes_late_is_waited_for) {
  gate_.set_fault(Fault::kHold);
  auto answer = start_add(2);
  wait_for_lock_waits(1);
  gate_.release(true);
  EXPECT_EQ(answer.get().value(), 7u);
  EXPECT_EQ(stored_total(), 7u);
}

TEST_F(MySqlFaults, Commit_that_never_comes_is_done_again) {
  gate_.set_fault(Fault::kHold);
  auto answer = start_add(2);
  wait_for_lock_waits(1);
  gate_.release(false);
  EXPECT_EQ(answer.get().value(), 7u);
  EXPECT_EQ(stored_total(), 7u);
}

TEST_F(MySqlFaults, Commit_that_nobody_can_decide_is_told_as_unknown) {
  options_.decide_timeout = milliseconds(50);
  options_.lock_timeout = seconds(1);
  open();
  ASSERT_EQ(add(0).value(), 5u);
  gate_.set_fault(Fault::kHold);
  const auto answer = add(2);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnknownOutcome);
  gate_.release(true);
  EXPECT_EQ(add(1).value(), 8u) << "the next write waits for it";
}

TEST_F(MySqlFaults, Write_that_lost_a_deadlock_is_done_again) {
  ASSERT_TRUE(apply(1, {"a", "b"}).ok());
  // Whoever has changed less loses.
  auto holder = hold("UPDATE topic_carriers SET since_number = 9 WHERE registration = 'b'");
  ASSERT_TRUE(holder.connection()
                  .execute("INSERT INTO counters SELECT 'x', 'x', seq, 1 FROM seq_1_to_100")
                  .ok());
  auto answer = start_apply(2, {"a", "b", "c"});
  wait_for_lock_waits(1);
  ASSERT_TRUE(holder.connection()
                  .execute("UPDATE topic_carriers SET since_number = 9 WHERE registration = 'a'")
                  .ok());
  ASSERT_TRUE(holder.connection().commit().ok());
  EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(database_.ask("SELECT COUNT(*) FROM topic_carriers WHERE since_number = 1"),
            std::vector<std::string>{"3"});
}

TEST_F(MySqlFaults, Lock_that_is_not_free_in_time_answers_unavailable) {
  options_.lock_timeout = seconds(1);
  options_.attempts_max = 2;
  open();
  auto holder = std::make_unique<Holder>(hold_counter());
  const auto answer = add(2);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_GT(answer.error().retry_after.count(), 0);
  holder.reset();
  EXPECT_EQ(add(1).value(), 6u);
}

TEST_F(MySqlFaults, Server_that_cannot_be_reached_is_left_alone_for_a_while) {
  options_.backoff_min = options_.backoff_max = seconds(600);
  open();
  ASSERT_TRUE(apps().ok());
  gate_.shut();
  const int before = gate_.connections();
  kill_connections();
  for (int i = 0; i < 20; ++i) {
    const auto answer = apps();
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
    EXPECT_GT(answer.error().retry_after, seconds(100));
  }
  EXPECT_EQ(gate_.connections(), before + 1);
}

TEST_F(MySqlFaults, Server_that_is_gone_for_good_leaves_a_commit_unknown) {
  options_.decide_timeout = milliseconds(300);
  open();
  ASSERT_EQ(add(0).value(), 5u);
  gate_.set_fault(Fault::kCutAfter);
  gate_.shut();
  EXPECT_EQ(add(2).error().code, ErrorCode::kUnknownOutcome);
  EXPECT_EQ(add(2).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(stored_total(), 7u);
}

TEST_F(MySqlFaults, Metrics_tell_calls_failures_and_which_server_is_away) {
  Gauge& up = metrics_.gauge("longwire_mysql_up", "", {{"server", options_.address}});
  Counter& failures =
      metrics_.counter("longwire_mysql_failures_total", "",
                       {{"code", std::string(error_code_name(ErrorCode::kUnavailable))}});
  const auto calls = [&](const char* kind) {
    std::uint64_t sum = 0;
    for (const std::uint64_t count :
         metrics_.latency("longwire_mysql_call_seconds", "", {{"kind", kind}}).counts()) {
      sum += count;
    }
    return sum;
  };
  EXPECT_EQ(calls("write"), 1u);
  ASSERT_TRUE(apps().ok());
  EXPECT_EQ(calls("read"), 1u);
  EXPECT_EQ(up.value(), 1);
  EXPECT_EQ(failures.value(), 0u);
  gate_.shut();
  kill_connections();
  ASSERT_FALSE(apps().ok());
  EXPECT_EQ(calls("read"), 2u);
  EXPECT_EQ(failures.value(), 1u);
  EXPECT_EQ(up.value(), 0);
}

}  // namespace
}  // namespace longwire::test
