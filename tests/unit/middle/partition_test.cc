// Partitions as logs (design section 4): positions, commits without an answer, ownership.

#include "middle/partition/partition.h"

#include "middle/target/accept.h"
#include "tests/unit/middle/partition_world.h"

namespace longwire::middle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PartitionRules : public PartitionWorld {
 public:
  PartitionRules() { restart(); }
  ~PartitionRules() override {
    partition.reset();
    executor.run_until_idle();
  }
  void restart(PartitionOptions options = {}) {
    partition.reset();
    partition = open_partition(0, no_effect, options);
  }
  // Starts an addition to the number in row "n"; its answer comes into `answers`.
  void add(std::uint64_t amount = 1, WorkClass work_class = WorkClass::kControl) {
    partition->run<std::uint64_t>(
        work_class,
        [this, amount](Transaction& t) -> Result<std::uint64_t> {
          ++runs;
          const Bytes* row = t.get("n");
          const std::uint64_t sum = amount + (row == nullptr ? 0 : ByteReader(*row).u64());
          ByteWriter writer;
          t.put("n", writer.u64(sum).bytes());
          t.publish(FeedId("app:1"), std::make_shared<const Entry>());
          return sum;
        },
        [this](Result<std::uint64_t> sum) { answers.push_back(std::move(sum)); });
  }
  void read() {
    partition->run<std::uint64_t>(
        WorkClass::kRead,
        [](Transaction& t) -> Result<std::uint64_t> {
          const Bytes* row = t.get("n");
          return row == nullptr ? 0 : ByteReader(*row).u64();
        },
        [this](Result<std::uint64_t> sum) { answers.push_back(std::move(sum)); });
  }
  // "1 2 unavailable" …
  std::string heard() {
    std::string all;
    for (const auto& answer : answers) {
      if (!all.empty()) all += ' ';
      all += answer ? std::to_string(*answer) : std::string(error_code_name(answer.error().code));
    }
    return all;
  }

  std::unique_ptr<Partition> partition;
  std::vector<Result<std::uint64_t>> answers;
  int runs = 0;
};

TEST_F(PartitionRules, An_operation_runs_again_once_its_rows_are_loaded) {
  add();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "1");
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(store.gets, 1u);
}

TEST_F(PartitionRules, Operations_of_one_turn_share_one_commit) {
  add();
  executor.run_until_idle();
  const auto before = store.commits;
  for (int i = 0; i < 10; ++i) add();
  executor.run_until_idle();
  EXPECT_EQ(store.commits, before + 1);
  EXPECT_EQ(answers.size(), 11u);
}

TEST_F(PartitionRules, One_commit_is_under_way_while_the_next_gathers) {
  store.hold_commits(true);
  add();
  executor.run_until_idle();
  add();
  add();
  executor.run_until_idle();
  EXPECT_EQ(store.commits, 1u);
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  EXPECT_EQ(store.commits, 2u);
  EXPECT_EQ(heard(), "1 2 3");
}

TEST_F(PartitionRules, Nothing_is_answered_or_published_before_its_commit) {
  store.hold_commits(true);
  add();
  executor.run_until_idle();
  read();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "");
  EXPECT_EQ(events.published, 0u);
  store.release();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "1 1");
  EXPECT_EQ(events.published, 1u);
}

TEST_F(PartitionRules, A_commit_without_an_answer_that_was_not_done_is_repeated) {
  store.fail_next(CommitFault::kLostBefore);
  add();
  executor.advance(seconds(5));
  EXPECT_EQ(heard(), "1");
}

TEST_F(PartitionRules, A_commit_without_an_answer_that_was_done_counts_once) {
  store.fail_next(CommitFault::kLostAfter);
  add();
  executor.advance(seconds(5));
  EXPECT_EQ(heard(), "1");
  EXPECT_EQ(partition->position(), 2u);  // the takeover and the batch
  restart();
  read();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "1 1");
}

TEST_F(PartitionRules, After_a_takeover_by_another_no_commit_of_the_former_owner_succeeds) {
  add();
  executor.run_until_idle();
  take_over();
  add();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "1 deposed");
  EXPECT_EQ(events.closed, 1);
}

TEST_F(PartitionRules, A_batch_that_was_in_before_the_takeover_is_answered_as_done) {
  store.fail_next(CommitFault::kLostAfter);
  add();
  while (store.commits == 0) ASSERT_TRUE(executor.run_one());
  executor.run_until_idle();
  take_over();
  executor.advance(milliseconds(50));
  EXPECT_EQ(heard(), "1");
  EXPECT_EQ(events.closed, 1);
}

TEST_F(PartitionRules, A_deposed_owner_forgets_and_takes_over_again) {
  add();
  executor.run_until_idle();
  take_over();
  add();
  executor.advance(seconds(2));
  add();
  executor.advance(seconds(1));
  EXPECT_EQ(heard(), "1 deposed 2");
  EXPECT_EQ(events.opened, 2);
}

TEST_F(PartitionRules, A_full_store_is_said_so_and_recovers) {
  store.fail_next(CommitFault::kFull);
  add();
  executor.advance(seconds(2));
  add();
  executor.advance(seconds(1));
  EXPECT_EQ(heard(), "resource_exhausted 1");
}

TEST_F(PartitionRules, A_store_that_does_not_answer_keeps_nobody_waiting_without_end) {
  store.hold_commits(true);
  add();
  executor.run_until_idle();
  add();
  executor.advance(seconds(15));
  EXPECT_EQ(heard(), "unknown_outcome unknown_outcome");
  add();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "unknown_outcome unknown_outcome unavailable");
  store.hold_commits(false);
  store.release();
  executor.advance(seconds(1));
  read();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "unknown_outcome unknown_outcome unavailable 2");
}

TEST_F(PartitionRules, Stamps_rise_though_the_clock_steps_back) {
  add();
  executor.run_until_idle();
  std::vector<std::int64_t> stamps;
  for (int i = 0; i < 2; ++i) {
    inner->head(0, [&](Result<Head> head) { stamps.push_back(head->stamp.ms); });
    executor.run_until_idle();
    clock.step_wall(-std::chrono::hours(1));
    add();
    executor.run_until_idle();
  }
  EXPECT_GT(stamps[1], stamps[0]);
}

TEST_F(PartitionRules, An_owner_that_has_not_confirmed_its_head_asks_before_it_answers_reads) {
  add();
  executor.run_until_idle();
  clock.advance(seconds(6));
  const auto before = store.heads;
  read();
  executor.run_until_idle();
  EXPECT_EQ(store.heads, before + 1);
  EXPECT_EQ(heard(), "1 1");
}

TEST_F(PartitionRules, A_head_read_that_took_long_confirms_from_its_beginning_on) {
  add();
  executor.run_until_idle();
  store.hold_heads(0);
  partition->run_confirmed<std::uint64_t>(
      [](Transaction& t) -> Result<std::uint64_t> { return ByteReader(*t.get("n")).u64(); },
      [this](Result<std::uint64_t> sum) { answers.push_back(std::move(sum)); });
  executor.run_until_idle();
  clock.advance(seconds(6));
  store.release();
  executor.run_until_idle();
  const auto before = store.heads;
  read();
  executor.run_until_idle();
  EXPECT_EQ(store.heads, before + 1);
}

TEST_F(PartitionRules, An_owner_that_cannot_confirm_its_head_answers_no_reads) {
  add();
  executor.run_until_idle();
  clock.advance(seconds(6));
  store.fail_heads(true);
  read();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "1 unavailable");
}

TEST_F(PartitionRules, A_tail_for_a_record_is_confirmed_by_a_read_of_the_head_begun_after_it) {
  add();
  executor.run_until_idle();
  take_over();
  partition->run_confirmed<std::uint64_t>(
      [](Transaction& t) -> Result<std::uint64_t> { return ByteReader(*t.get("n")).u64(); },
      [this](Result<std::uint64_t> sum) { answers.push_back(std::move(sum)); });
  executor.run_until_idle();
  EXPECT_EQ(heard(), "1 unavailable");
}

TEST_F(PartitionRules, Too_many_waiting_are_refused_lowest_class_first) {
  PartitionOptions options;
  options.pending_max = 8;
  restart(options);
  store.hold_commits(true);
  for (int i = 0; i < 4; ++i) add(1, WorkClass::kSingleHigh);
  add(1, WorkClass::kBroadcastHigh);
  for (int i = 0; i < 2; ++i) add(1, WorkClass::kSingleHigh);
  add(1, WorkClass::kSingleLow);
  executor.run_until_idle();
  EXPECT_EQ(heard(), "unavailable unavailable");
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  EXPECT_EQ(answers.size(), 8u);
}

TEST_F(PartitionRules, Single_goes_before_broadcast_and_high_before_low) {
  std::string order;
  const auto note = [&](WorkClass work_class, char name) {
    partition->run<void>(
        work_class,
        [&order, name](Transaction& t) -> Status {
          order += name;
          t.put(Bytes(1, name), "x");
          return {};
        },
        [](Status) {});
  };
  note(WorkClass::kBroadcastLow, 'f');
  note(WorkClass::kBroadcastHigh, 'e');
  note(WorkClass::kSingleLow, 'd');
  note(WorkClass::kSingleNormal, 'c');
  note(WorkClass::kSingleHigh, 'b');
  note(WorkClass::kLane, 'a');
  executor.run_until_idle();
  EXPECT_EQ(order, "abcdef");
}

TEST_F(PartitionRules, A_share_of_every_batch_is_kept_for_lane_items) {
  PartitionOptions options;
  options.batch_rows_max = 8;
  restart(options);
  store.hold_commits(true);
  add();
  executor.run_until_idle();
  std::string order;
  const auto note = [&](WorkClass work_class, char name) {
    partition->run<void>(
        work_class,
        [&order, name](Transaction& t) -> Status {
          order += name;
          t.put(Bytes(1, name), "x");
          return {};
        },
        [](Status) {});
  };
  for (char name = 'a'; name < 'k'; ++name) note(WorkClass::kSingleHigh, name);
  executor.run_until_idle();
  EXPECT_EQ(order, "abcdef");
  note(WorkClass::kLane, 'L');
  executor.run_until_idle();
  EXPECT_EQ(order, "abcdefL");
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  EXPECT_EQ(order, "abcdefLghij");
}

class ArrivalRules : public PartitionRules {
 public:
  // An operation that adds its name to `order` once `row` is in memory.
  void note(char name, const char* row, WorkClass work_class = WorkClass::kSingleNormal) {
    partition->run<void>(
        work_class,
        [this, name, key = Bytes(row)](Transaction& t) -> Status {
          (void)t.get(key);
          if (t.complete()) order += name;
          return {};
        },
        [](Status) {});
  }
  std::string order;
};

TEST_F(ArrivalRules, Those_that_waited_for_one_row_run_in_the_order_they_came) {
  for (const char name : {'a', 'b', 'c', 'd'}) note(name, "x");
  executor.run_until_idle();
  EXPECT_EQ(order, "abcd");
}

TEST_F(ArrivalRules, Those_that_waited_for_different_rows_run_in_the_order_they_came) {
  note('a', "z");
  note('b', "x");
  note('c', "y");
  note('d', "x");
  executor.run_until_idle();
  EXPECT_EQ(order, "abcd");
}

TEST_F(ArrivalRules, One_that_waited_goes_before_those_that_came_after_it) {
  note('a', "x");
  while (store.gets == 0) ASSERT_TRUE(executor.run_one());
  ASSERT_TRUE(executor.run_one());  // the store's answer is on its way home
  note('b', "x");
  executor.run_until_idle();
  EXPECT_EQ(order, "ab");
}

TEST_F(ArrivalRules, One_that_waited_stays_behind_those_of_a_higher_class) {
  note('b', "x", WorkClass::kBroadcastLow);
  note('a', "x", WorkClass::kSingleHigh);
  executor.run_until_idle();
  EXPECT_EQ(order, "ab");
}

class RepeatRules : public PartitionRules {
 public:
  Result<SendReply> accept(Timestamp made) {
    SendPlan plan;
    plan.id = id_at(made);
    plan.request.time_to_live = std::chrono::hours(1);
    plan.may_repeat = true;
    std::optional<Result<SendReply>> reply;
    partition->run<SendReply>(
        WorkClass::kSingleNormal,
        [plan](Transaction& t) {
          const Resolved resolved{{Recipient{RegId("r"), {}}}, {}};
          return accept_for_inboxes(t, plan, resolved, {std::chrono::minutes(10), 1});
        },
        [&](Result<SendReply> answer) { reply.emplace(std::move(answer)); });
    executor.run_until_idle();
    return std::move(*reply);
  }
  static MessageId id_at(Timestamp made) {
    SeededRandom same;
    return make_message_id(made, 0, same);
  }
};

TEST_F(RepeatRules, A_repeat_is_recognised_by_its_message_id) {
  const Timestamp made = clock.now();
  EXPECT_FALSE(accept(made)->repeated);
  EXPECT_TRUE(accept(made)->repeated);
}

TEST_F(RepeatRules, A_message_id_older_than_the_window_is_refused) {
  const auto reply = accept(clock.now() + -std::chrono::hours(1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(PartitionRules, A_full_cache_forgets_only_what_the_store_has) {
  PartitionOptions options;
  options.cache_bytes_max = 1;
  restart(options);
  store.hold_commits(true);
  add();
  executor.run_until_idle();
  add();
  executor.run_until_idle();
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  add();
  executor.run_until_idle();
  EXPECT_EQ(heard(), "1 2 3");
}

TEST_F(PartitionRules, Closing_commits_what_was_gathered_and_refuses_the_rest) {
  store.hold_commits(true);
  add();
  executor.run_until_idle();
  add();
  executor.run_until_idle();
  bool closed = false;
  partition->close([&](Status) { closed = true; });
  add();
  executor.run_until_idle();
  EXPECT_FALSE(closed);
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  EXPECT_TRUE(closed);
  EXPECT_EQ(heard(), "unavailable 1 2");
}

TEST_F(PartitionRules, Closing_does_not_wait_for_a_store_without_an_answer) {
  store.hold_commits(true);
  add();
  executor.run_until_idle();
  bool closed = false;
  partition->close([&](Status) { closed = true; });
  executor.advance(PartitionOptions{}.answer_within + seconds(1));
  EXPECT_TRUE(closed);
  EXPECT_EQ(heard(), "unknown_outcome");
}

}  // namespace
}  // namespace longwire::middle
