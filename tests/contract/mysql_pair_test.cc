// A pair of masters: killed, halted, come back. What was answered is there afterwards, whichever
// server that is; where nobody can know, writes are refused.

#include <array>
#include <thread>

#include "tests/contract/mysql_calls.h"
#include "tests/contract/mysql_database.h"
#include "tests/contract/mysql_pair_servers.h"
#include "tests/support/eventually.h"

namespace longwire::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using storage::mysql::Connection;

class MySqlPair : public MySqlCalls {
 protected:
  MySqlPair() {
    options_.pair_check_every = milliseconds(100);
    options_.pair_timeout = seconds(2);
    options_.failover_after = milliseconds(500);
    options_.pair_open_timeout = seconds(60);
    options_.connect_timeout = options_.read_timeout = seconds(2);
    options_.backoff_max = milliseconds(200);
    options_.decide_timeout = seconds(100);
  }
  ~MySqlPair() override { directory_.reset(); }
  void SetUp() override { open_with(options_); }

  bool kept() { return metrics_.gauge("longwire_mysql_pair_kept", "", shard()).value() == 1; }
  bool alone() { return metrics_.gauge("longwire_mysql_pair_alone", "", shard()).value() == 1; }
  std::uint64_t failovers() {
    return metrics_.counter("longwire_mysql_pair_failovers_total", "", shard()).value();
  }
  MetricLabels shard() { return {{"pair", options_.address}}; }
  bool written_to(int server) {
    return metrics_.gauge("longwire_mysql_pair_written_to", "", {{"server", address(server)}})
               .value() == 1;
  }
  const std::string& address(int server) { return server == 0 ? options_.address : options_.peer; }
  void wait_until_paired() {
    ASSERT_TRUE(eventually([&] { return kept() && !alone(); }));
  }

  // The first column of the first row; empty: no row, or no answer.
  std::string ask(int server, const std::string& sql) {
    auto connection = Connection::open(database_.as_administrator().at(address(server)),
                                       Connection::Mode::kReads);
    if (!connection.ok()) return "";
    auto query = (*connection)->query(sql.c_str());
    return query.next() ? query.bytes(0) : "";
  }
  std::string total_at(int server) {
    return ask(server, "SELECT total FROM counters WHERE name = 'sent'");
  }
  // Until it is taken; each refusal says when to come again.
  std::uint64_t add_until_done(std::uint64_t amount) {
    Total total = add(amount);
    while (!total.ok()) {
      EXPECT_EQ(total.error().code, ErrorCode::kUnavailable) << total.error().message;
      EXPECT_GT(total.error().retry_after.count(), 0);
      total = add(amount);
    }
    return *total;
  }
  bool refused() {
    const Total total = add(1);
    return !total.ok() && total.error().code == ErrorCode::kUnavailable;
  }

  MySqlPairServers servers_;
  MySqlDatabase database_{MySqlDatabase::Where::kPair};
  storage::mysql::Options options_ = database_.options();
};

TEST_F(MySqlPair, Writes_to_the_first_and_the_other_has_it_and_refuses_to_be_written_to) {
  EXPECT_EQ(add(5).value(), 5u);
  wait_until_paired();
  EXPECT_EQ(add(2).value(), 7u);
  EXPECT_TRUE(written_to(0));
  EXPECT_TRUE(eventually([&] { return total_at(1) == "7"; }));
  EXPECT_EQ(ask(0, "SELECT @@read_only"), "0");
  EXPECT_EQ(ask(1, "SELECT @@read_only"), "1");
}

// Writers that never pause, each with a counter of its own.
class MySqlPairLoad : public MySqlPair {
 protected:
  void SetUp() override {
    options_.write_connections = 4;
    open_with(options_);
    wait_until_paired();
    for (Adder& adder : adders_) {
      threads_.emplace_back([&] {
        adder.run([&](const std::string& name) { return start_add(1, name); }, up_, stop_);
      });
    }
  }
  void TearDown() override { end(); }
  void end() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  std::uint64_t answered() {
    std::uint64_t sum = 0;
    for (const Adder& adder : adders_) sum += adder.acknowledged();
    return sum;
  }
  void wait_for_answers(std::uint64_t more) {
    const std::uint64_t enough = answered() + more;
    ASSERT_TRUE(eventually([&] { return answered() >= enough; }));
  }
  // No more, no less than what was answered, at the server that is written to.
  void expect_exact() {
    for (const Adder& adder : adders_) {
      EXPECT_EQ(adder.unknown(), 0u) << "a server is there: each commit can be decided";
      EXPECT_EQ(start_add(0, adder.name()).get().value(), adder.acknowledged()) << adder.name();
    }
  }

  std::array<Adder, 4> adders_ = {Adder("one"), Adder("two"), Adder("three"), Adder("four")};
  std::vector<std::thread> threads_;
  std::atomic<bool> up_ = true;
  std::atomic<bool> stop_ = false;
};

TEST_F(MySqlPairLoad, Hands_over_from_a_killed_server_and_loses_no_answer_nor_does_one_twice) {
  wait_for_answers(200);
  servers_.kill(0);
  ASSERT_TRUE(eventually([&] { return written_to(1); }));
  wait_for_answers(200);
  EXPECT_EQ(failovers(), 1u);
  end();
  expect_exact();
}

TEST_F(MySqlPairLoad, Server_that_was_halted_is_closed_when_it_goes_on) {
  wait_for_answers(200);
  servers_.halt(0);
  ASSERT_TRUE(eventually([&] { return written_to(1); }));
  wait_for_answers(200);
  servers_.go_on(0);
  ASSERT_TRUE(eventually([&] { return ask(0, "SELECT @@read_only") == "1"; }));
  wait_for_answers(200);
  EXPECT_EQ(failovers(), 1u);
  end();
  expect_exact();
}

TEST_F(MySqlPairLoad, Goes_on_without_the_other_and_takes_it_back) {
  for (const bool killed : {true, false}) {
    killed ? servers_.kill(1) : servers_.halt(1);
    ASSERT_TRUE(eventually([&] { return alone(); }));
    wait_for_answers(200);
    killed ? servers_.start(1) : servers_.go_on(1);
    wait_until_paired();
    wait_for_answers(200);
  }
  end();
  expect_exact();
  EXPECT_EQ(failovers(), 0u);
}

TEST_F(MySqlPair, Refuses_while_only_the_server_that_was_left_behind_is_there) {
  wait_until_paired();
  ASSERT_EQ(add(5).value(), 5u);
  servers_.kill(1);
  ASSERT_TRUE(eventually([&] { return alone(); }));
  ASSERT_EQ(add_until_done(2), 7u);
  servers_.kill(0);
  servers_.start(1);
  const auto begun = now_ms();
  while (now_ms() - begun < 3'000) ASSERT_TRUE(refused());  // six times failover_after
  EXPECT_EQ(ask(1, "SELECT @@read_only"), "1");
  EXPECT_EQ(failovers(), 0u);
  servers_.start(0);
  EXPECT_EQ(add_until_done(1), 8u);
  wait_until_paired();
  EXPECT_TRUE(eventually([&] { return total_at(1) == "8"; }));
}

TEST_F(MySqlPair, Old_server_follows_when_it_is_back_and_can_take_over_again) {
  wait_until_paired();
  ASSERT_EQ(add(5).value(), 5u);
  servers_.kill(0);
  EXPECT_EQ(add_until_done(2), 7u);
  EXPECT_TRUE(written_to(1));
  servers_.start(0);
  wait_until_paired();
  EXPECT_EQ(add(1).value(), 8u);
  EXPECT_TRUE(eventually([&] { return total_at(0) == "8"; }));
  EXPECT_EQ(ask(0, "SELECT @@read_only"), "1");
  servers_.kill(1);
  EXPECT_EQ(add_until_done(2), 10u);
  EXPECT_TRUE(written_to(0));
  EXPECT_EQ(failovers(), 2u);
}

TEST_F(MySqlPair, What_nobody_acknowledged_is_kept_out_until_the_server_is_filled_anew) {
  wait_until_paired();
  ASSERT_EQ(add(5).value(), 5u);
  servers_.kill(0);
  ASSERT_EQ(add_until_done(2), 7u);
  directory_.reset();
  servers_.start(0);
  // What a dying master had committed and not sent.
  ask(0, "INSERT INTO " + database_.name() + ".counters VALUES ('app', 'day', 'lost', 1)");
  // As one that was cut off and was never closed: it still believes to be written to.
  ask(0, "SET GLOBAL read_only = OFF");
  EXPECT_FALSE(servers_.refill(1, database_.name())) << "what was answered since would be gone";
  EXPECT_EQ(total_at(1), "7");
  open_with(options_);
  EXPECT_EQ(add(1).value(), 8u);
  const auto begun = now_ms();
  while (now_ms() - begun < 2'000) ASSERT_TRUE(alone());  // twenty looks
  EXPECT_EQ(ask(1, "SELECT COUNT(*) FROM counters WHERE name = 'lost'"), "0");
  ASSERT_TRUE(servers_.refill(0, database_.name()));
  wait_until_paired();
  EXPECT_EQ(ask(0, "SELECT COUNT(*) FROM counters WHERE name = 'lost'"), "0");
  EXPECT_TRUE(eventually([&] { return total_at(0) == "8"; }));
  servers_.kill(1);
  EXPECT_EQ(add_until_done(2), 10u);
}

TEST_F(MySqlPair, Start_without_the_server_that_is_written_to_is_refused) {
  wait_until_paired();
  ASSERT_EQ(add(5).value(), 5u);
  directory_.reset();
  servers_.kill(0);
  options_.pair_open_timeout = seconds(3);
  const auto opened = try_open_with(options_);
  ASSERT_FALSE(opened.ok()) << "the process before may have let it go on alone";
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(opened.error().message.find("away"), std::string::npos) << opened.error().message;
  EXPECT_EQ(ask(1, "SELECT @@read_only"), "1");
  servers_.start(0);
  open_with(options_);
  EXPECT_EQ(add_until_done(1), 6u);
}

TEST_F(MySqlPair, Start_beside_a_server_that_was_left_alone_goes_on_with_it) {
  wait_until_paired();
  ASSERT_EQ(add(5).value(), 5u);
  servers_.kill(0);
  ASSERT_EQ(add_until_done(2), 7u);
  open_with(options_);
  EXPECT_TRUE(written_to(1));
  EXPECT_EQ(add_until_done(1), 8u);
}

// Nobody may say that the holder goes on alone, so what it commits alone counts for nothing yet.
TEST_F(MySqlPair, Answers_nothing_that_could_be_lost_and_counts_it_once_it_cannot) {
  options_.decide_timeout = seconds(3);
  directory_.reset();
  metrics_.gauge("longwire_mysql_pair_kept", "", shard()).set(0);
  open_with(options_);
  wait_until_paired();
  ASSERT_EQ(add(5).value(), 5u);
  ask(0, "ALTER USER longwire_pair@127.0.0.1 ACCOUNT LOCK");
  servers_.kill(1);
  ask(0, "KILL USER longwire_pair");
  const Total unconfirmed = add(2);
  ASSERT_FALSE(unconfirmed.ok());
  EXPECT_EQ(unconfirmed.error().code, ErrorCode::kUnknownOutcome);
  EXPECT_EQ(total_at(0), "7") << "committed, and with nobody else";
  EXPECT_FALSE(apps().ok()) << "nor is it shown";
  ask(0, "ALTER USER longwire_pair@127.0.0.1 ACCOUNT UNLOCK");
  ASSERT_TRUE(eventually([&] { return alone(); }));
  EXPECT_EQ(add_until_done(1), 8u);
}

TEST_F(MySqlPair, One_of_a_pair_is_refused_without_its_peer) {
  directory_.reset();
  storage::mysql::Options alone = options_;
  alone.peer.clear();
  const auto opened = try_open_with(alone);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  ask(0, "DELETE FROM pair_state");
  EXPECT_TRUE(try_open_with(alone).ok());
}

TEST_F(MySqlPair, Both_killed_come_back_with_all_that_was_answered) {
  wait_until_paired();
  ASSERT_EQ(add(5).value(), 5u);
  servers_.kill(1);
  servers_.kill(0);
  ASSERT_TRUE(refused());
  servers_.start(1);
  servers_.start(0);
  EXPECT_EQ(add_until_done(2), 7u);
  wait_until_paired();
}

TEST_F(MySqlPair, Two_processes_agree_on_who_is_written_to) {
  wait_until_paired();
  const auto second = try_open_with(options_).value().release();
  const std::unique_ptr<middle::Directory> owned(second);
  const auto add_there = [&](std::uint64_t amount) {
    return start<std::uint64_t>([&](auto done) {
             second->add_to_counter(middle::AppId("app"), "day", "sent", amount, std::move(done));
           })
        .get();
  };
  EXPECT_EQ(add(5).value(), 5u);
  EXPECT_EQ(add_there(2).value(), 7u);
  wait_until_paired();
  servers_.kill(0);
  EXPECT_EQ(add_until_done(1), 8u);
  Total there = add_there(1);
  while (!there.ok()) there = add_there(1);
  EXPECT_EQ(*there, 9u);
  EXPECT_EQ(failovers(), 1u);
  EXPECT_EQ(total_at(1), "9");
}

}  // namespace
}  // namespace longwire::test
