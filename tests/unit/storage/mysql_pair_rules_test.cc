// What the keeper of a pair of masters does next.

#include <gtest/gtest.h>

#include "storage/mysql/pair_rules.h"

namespace longwire::test {
namespace {

using std::chrono::seconds;
using storage::mysql::PairAct;
using storage::mysql::PairRecord;
using storage::mysql::PairRules;
using storage::mysql::PairSeen;
using storage::mysql::PairStep;
using storage::mysql::ServerSeen;

constexpr std::uint64_t kFirst = 11;  // server ids
constexpr std::uint64_t kSecond = 22;

PairRecord record(std::uint64_t epoch, bool alone, const Bytes& keeper = "me",
                  std::uint64_t holder = kFirst) {
  return {.epoch = epoch, .holder = holder, .alone = alone, .keeper = keeper, .beat = 1};
}

ServerSeen seen_at(std::uint64_t connection, std::uint64_t server_id, std::uint64_t domain) {
  ServerSeen seen;
  seen.connection = connection;
  seen.server_id = server_id;
  seen.domain = domain;
  return seen;
}

class MySqlPairRules : public testing::Test {
 protected:
  // Two healthy servers, the first written to; the second follows.
  MySqlPairRules() {
    ServerSeen first = seen_at(1, kFirst, 1);
    first.read_only = false;
    first.in_sync = true;
    first.acknowledgers = 1;
    first.position = {{1, 9}};
    ServerSeen second = seen_at(1, kSecond, 2);
    second.in_sync = true;
    second.receives = second.applies = true;
    second.position = {{1, 9}};
    seen_ = {first, second};
  }
  void both_say(const PairRecord& what) { seen_[0]->record = seen_[1]->record = what; }
  PairStep next() { return rules_.next(seen_, now_); }
  PairAct act() { return next().act; }
  void keep(const PairRecord& what) {
    both_say(what);
    (void)next();
    rules_.changed(what);
  }
  void keep_paired() {
    keep(record(3, false));
    rules_.proven(1);
  }

  PairRules rules_{"me", {.failover_after = seconds(3), .lease = seconds(10)}};
  PairSeen seen_;
  MonotonicTime now_ = seconds(100);
};

TEST_F(MySqlPairRules, Nobody_is_written_to_before_a_server_tells_who) {
  const PairStep step = next();
  EXPECT_EQ(step.act, PairAct::kWait);
  EXPECT_NE(step.trouble, nullptr);
  EXPECT_FALSE(rules_.holder().has_value());
}

TEST_F(MySqlPairRules, Record_of_one_server_tells_which_is_written_to) {
  seen_[0].reset();
  seen_[1]->record = record(1, true, "other", kFirst);
  EXPECT_EQ(act(), PairAct::kWait);
  EXPECT_EQ(rules_.holder(), 0u) << "not the second, so the first";
}

TEST_F(MySqlPairRules, Starting_process_takes_the_pair_at_once_and_a_deposed_one_waits) {
  both_say(record(3, true, "other"));
  EXPECT_EQ(act(), PairAct::kTake);
  rules_.changed(record(4, true));
  both_say(record(5, true, "other"));
  EXPECT_EQ(act(), PairAct::kWait);
  EXPECT_FALSE(rules_.keeps());
  now_ += seconds(9);
  EXPECT_EQ(act(), PairAct::kWait);
  seen_[0]->record->beat = 2;  // it lives
  EXPECT_EQ(act(), PairAct::kWait);
  now_ += seconds(9);
  EXPECT_EQ(act(), PairAct::kWait);
  now_ += seconds(2);
  EXPECT_EQ(act(), PairAct::kTake);
}

TEST_F(MySqlPairRules, Keeper_of_a_pair_is_made_by_both_servers) {
  both_say(record(3, false, "other"));
  seen_[1].reset();
  EXPECT_EQ(act(), PairAct::kWait);
}

TEST_F(MySqlPairRules, Other_server_must_agree_on_who_keeps_the_pair) {
  both_say(record(3, false, "other"));
  seen_[1]->record->epoch = 2;
  EXPECT_EQ(act(), PairAct::kWait);
  seen_[1]->record->epoch = 3;
  EXPECT_EQ(act(), PairAct::kTake);
}

TEST_F(MySqlPairRules, Of_one_left_alone_the_holder_is_enough) {
  both_say(record(3, true, "other"));
  seen_[1].reset();
  EXPECT_EQ(act(), PairAct::kTake);
}

TEST_F(MySqlPairRules, After_a_start_of_both_the_other_is_let_follow_first) {
  both_say(record(3, false, "other"));
  seen_[0]->read_only = true;
  seen_[1]->receives = seen_[1]->applies = false;
  EXPECT_EQ(act(), PairAct::kFollow);
  seen_[1]->position[2] = 1;
  EXPECT_EQ(act(), PairAct::kWait) << "it has what the holder has not";
}

TEST_F(MySqlPairRules, Healthy_pair_needs_nothing) {
  keep_paired();
  const PairStep step = next();
  EXPECT_EQ(step.act, PairAct::kWait);
  EXPECT_EQ(step.trouble, nullptr);
}

TEST_F(MySqlPairRules, Other_server_that_was_connected_to_anew_is_proven_anew) {
  keep_paired();
  seen_[1]->connection = 2;
  EXPECT_EQ(act(), PairAct::kProve);
}

TEST_F(MySqlPairRules, Holder_goes_on_alone_when_nobody_acknowledges) {
  keep_paired();
  seen_[0]->in_sync = false;
  EXPECT_EQ(act(), PairAct::kGoAlone);
}

TEST_F(MySqlPairRules,
       Holder_goes_on_alone_when_another_acknowledges_or_the_other_stops_receiving) {
  keep_paired();
  seen_[0]->acknowledgers = 2;
  EXPECT_EQ(act(), PairAct::kGoAlone) << "whose acknowledgement was it?";
  seen_[0]->acknowledgers = 1;
  seen_[1]->receives = false;
  EXPECT_EQ(act(), PairAct::kGoAlone);
}

TEST_F(MySqlPairRules, Other_server_that_receives_and_does_not_apply_is_let_go_on) {
  keep_paired();
  seen_[1]->applies = false;
  const PairStep step = next();
  EXPECT_EQ(step.act, PairAct::kFollow);
  EXPECT_NE(step.trouble, nullptr);
}

TEST_F(MySqlPairRules, Keeper_that_took_a_pair_does_not_wait_a_second_lease_for_itself) {
  both_say(record(3, true, "me"));
  rules_.changed(record(3, true));
  both_say(record(4, false, "other"));  // another took it, and is silent
  EXPECT_EQ(act(), PairAct::kWait);
  now_ += seconds(11);
  EXPECT_EQ(act(), PairAct::kTake);
  both_say(record(5, false, "me"));
  EXPECT_EQ(act(), PairAct::kTake) << "both have it: it is the keeper now";
}

TEST_F(MySqlPairRules, Holder_that_is_away_for_long_is_replaced) {
  keep_paired();
  seen_[0].reset();
  EXPECT_EQ(act(), PairAct::kWait);
  now_ += seconds(2);
  EXPECT_EQ(act(), PairAct::kWait);
  now_ += seconds(1);
  EXPECT_EQ(act(), PairAct::kPromote);
}

TEST_F(MySqlPairRules, Holder_that_came_back_in_time_is_not) {
  keep_paired();
  const auto holder = seen_[0];
  seen_[0].reset();
  (void)next();
  seen_[0] = holder;
  now_ += seconds(2);
  (void)next();
  seen_[0].reset();
  now_ += seconds(2);
  EXPECT_EQ(act(), PairAct::kWait) << "away since now";
}

TEST_F(MySqlPairRules, One_that_may_lack_something_never_takes_over) {
  keep(record(3, false));
  seen_[0].reset();
  (void)next();
  now_ += seconds(60);
  EXPECT_EQ(act(), PairAct::kWait) << "never proven";
  rules_.proven(1);
  seen_[1]->connection = 2;
  EXPECT_EQ(act(), PairAct::kWait) << "started anew, perhaps";
}

TEST_F(MySqlPairRules, One_that_was_left_behind_never_takes_over) {
  keep_paired();
  both_say(record(4, true));
  rules_.changed(record(4, true));
  seen_[0].reset();
  (void)next();
  now_ += seconds(60);
  EXPECT_EQ(act(), PairAct::kWait);
}

TEST_F(MySqlPairRules, Change_without_an_answer_stops_all_else_until_it_is_read) {
  keep_paired();
  rules_.unsure(1);  // it was to be promoted
  seen_[1].reset();
  seen_[0]->in_sync = false;
  EXPECT_EQ(act(), PairAct::kWait) << "alone and promoted would be two";
  seen_[1] = seen_at(2, kSecond, 2);
  seen_[1]->record = record(4, true, "me", kSecond);
  (void)next();
  EXPECT_EQ(rules_.holder(), 1u);
  EXPECT_TRUE(rules_.keeps());
}

TEST_F(MySqlPairRules, Promoted_server_counts_before_a_keeper_that_never_came_to_be) {
  seen_[0]->record = record(4, false, "third");
  seen_[1]->record = record(4, true, "other", kSecond);
  (void)next();
  EXPECT_EQ(rules_.holder(), 1u);
}

TEST_F(MySqlPairRules, Old_server_is_closed_checked_and_followed_before_it_counts) {
  keep(record(3, true));
  seen_[1]->read_only = false;
  seen_[1]->receives = false;
  seen_[1]->position[2] = 7;
  EXPECT_EQ(act(), PairAct::kFence);
  seen_[1]->read_only = true;
  EXPECT_EQ(act(), PairAct::kWait) << "it has what was never acknowledged";
  seen_[1]->position.erase(2);
  EXPECT_EQ(act(), PairAct::kFollow);
  seen_[1]->receives = true;
  seen_[0]->in_sync = false;
  EXPECT_EQ(act(), PairAct::kWait) << "behind";
  seen_[0]->in_sync = true;
  seen_[0]->acknowledgers = 2;
  EXPECT_EQ(act(), PairAct::kWait) << "who has acknowledged?";
  seen_[0]->acknowledgers = 1;
  EXPECT_EQ(act(), PairAct::kPair);
}

TEST_F(MySqlPairRules, Holder_that_was_started_anew_is_opened) {
  keep_paired();
  seen_[0]->read_only = true;
  EXPECT_EQ(act(), PairAct::kReopen);
  seen_[0]->read_only = false;
  seen_[0]->receives = true;
  EXPECT_EQ(act(), PairAct::kReopen) << "it must not take in what the other has";
}

TEST_F(MySqlPairRules, Holder_that_went_back_in_time_is_left_alone) {
  keep_paired();
  seen_[0]->record = record(2, true);
  const PairStep step = next();
  EXPECT_EQ(step.act, PairAct::kWait);
  EXPECT_NE(step.trouble, nullptr);
}

}  // namespace
}  // namespace longwire::test
