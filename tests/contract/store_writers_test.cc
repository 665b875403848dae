// The partition store's contract: who may write. Two writers are stopped and resumed between any
// two calls; whatever they do, one line of batches results.

#include <array>
#include <future>
#include <string>
#include <thread>

#include "tests/contract/store_fixture.h"

namespace longwire::test {
namespace {

class StoreWriters : public StoreContract {
 protected:
  static constexpr PartitionId kPartition = 3;

  // A writer that was opened at `position`, and what it has committed since.
  struct Writer {
    std::string id;
    Position position = 0;
    int next_batch = 1;
    bool opened = false;
  };

  void take_over(Writer& writer) {
    writer.position = open(kPartition, writer.id).position;
    writer.opened = true;
  }
  Bytes key_of(const Writer& writer, int number) {
    return writer.id + "/" + std::to_string(number);
  }
  // Two rows a batch: both or none.
  CommitOutcome write_next(Writer& writer) {
    const Bytes key = key_of(writer, writer.next_batch);
    const auto outcome = commit(kPartition, writer.id, writer.position + 1,
                                batch({row(key, "a"), row(key + "b", "b")}, key));
    if (outcome == CommitOutcome::kDone) {
      ++writer.position;
      ++writer.next_batch;
    }
    return outcome;
  }
  bool is_in(const Writer& writer, int number) {
    const Bytes key = key_of(writer, number);
    const auto values = get_all(kPartition, {key, key + "b"});
    EXPECT_EQ(values[0].has_value(), values[1].has_value()) << "half a batch: " << key;
    return values[0].has_value();
  }
};

TEST_P(StoreWriters, New_partition_has_an_empty_head) {
  const Head fresh = head(kPartition);
  EXPECT_EQ(fresh.position, 0u);
  EXPECT_TRUE(fresh.writer.empty());
  EXPECT_EQ(fresh.state, "");
}

TEST_P(StoreWriters, Open_commits_a_takeover_and_answers_the_new_head) {
  const Head first = open(kPartition, "a");
  EXPECT_EQ(first.position, 1u);
  EXPECT_EQ(first.writer, WriterId("a"));
  ASSERT_EQ(commit(kPartition, "a", 2, batch({}, "lanes")), CommitOutcome::kDone);
  const Head second = open(kPartition, "b");
  EXPECT_EQ(second.position, 3u);
  EXPECT_EQ(second.writer, WriterId("b"));
  EXPECT_EQ(second.previous_writer, WriterId("a"));
  EXPECT_EQ(second.previous_position, 2u);
  EXPECT_EQ(second.state, "lanes");
  EXPECT_EQ(head(kPartition).position, 3u);
}

TEST_P(StoreWriters, Open_repeated_by_the_same_writer_changes_nothing) {
  open(kPartition, "a");
  const Head once = open(kPartition, "b");
  const Head twice = open(kPartition, "b");
  EXPECT_EQ(twice.position, once.position);
  EXPECT_EQ(twice.previous_writer, WriterId("a"));
  EXPECT_EQ(twice.previous_position, once.previous_position);
}

TEST_P(StoreWriters, Commit_moves_the_head) {
  open(kPartition, "a");
  Batch next = batch({row("k", "v")}, "new state");
  const Timestamp stamp = next.stamp;
  ASSERT_EQ(commit(kPartition, "a", 2, std::move(next)), CommitOutcome::kDone);
  const Head now = head(kPartition);
  EXPECT_EQ(now.position, 2u);
  EXPECT_EQ(now.stamp, stamp);
  EXPECT_EQ(now.state, "new state");
}

TEST_P(StoreWriters, Commit_at_another_position_than_the_next_is_refused) {
  open(kPartition, "a");
  ASSERT_EQ(commit(kPartition, "a", 2, batch({row("k", "v2")})), CommitOutcome::kDone);
  ASSERT_EQ(commit(kPartition, "a", 3, batch({row("k", "v3")})), CommitOutcome::kDone);
  for (const Position wrong : std::array<Position, 4>{0, 2, 5, 1000}) {
    EXPECT_EQ(commit(kPartition, "a", wrong, batch({row("k", "wrong")})), CommitOutcome::kDeposed);
  }
  EXPECT_EQ(get(kPartition, "k"), "v3");
  EXPECT_EQ(head(kPartition).position, 3u);
}

TEST_P(StoreWriters, Commit_without_an_open_is_refused) {
  EXPECT_EQ(commit(kPartition, "a", 1, batch({row("k", "v")})), CommitOutcome::kDeposed);
  EXPECT_EQ(get(kPartition, "k"), std::nullopt);
}

// "A refusal, too, is settled by reading: it may be our own first try."
TEST_P(StoreWriters, Repeated_commit_settles_as_done) {
  open(kPartition, "a");
  const Batch same = batch({row("k", "v")});
  ASSERT_EQ(commit(kPartition, "a", 2, same), CommitOutcome::kDone);
  if (commit(kPartition, "a", 2, same) == CommitOutcome::kDeposed) {
    EXPECT_EQ(head(kPartition).writer, WriterId("a"));
  }
  EXPECT_EQ(head(kPartition).position, 2u);
  EXPECT_EQ(commit(kPartition, "a", 3, batch({})), CommitOutcome::kDone);
}

TEST_P(StoreWriters, Deposed_writer_can_never_commit_again_whenever_it_was_deposed) {
  for (int deposed_after = 0; deposed_after <= 3; ++deposed_after) {
    Writer old{"old" + std::to_string(deposed_after)};
    Writer young{"young" + std::to_string(deposed_after)};
    take_over(old);
    for (int i = 0; i < deposed_after; ++i) ASSERT_EQ(write_next(old), CommitOutcome::kDone);
    take_over(young);
    EXPECT_EQ(write_next(old), CommitOutcome::kDeposed);
    EXPECT_EQ(write_next(young), CommitOutcome::kDone);
    EXPECT_EQ(write_next(old), CommitOutcome::kDeposed);
    old.position = head(kPartition).position;  // even where it guesses the position
    EXPECT_EQ(write_next(old), CommitOutcome::kDeposed);
    EXPECT_EQ(write_next(young), CommitOutcome::kDone);
    EXPECT_FALSE(is_in(old, deposed_after + 1));
  }
}

TEST_P(StoreWriters, Deposed_writer_learns_that_its_last_commit_was_in) {
  Writer old{"old"};
  Writer young{"young"};
  take_over(old);
  const Position last = old.position + 1;
  const Batch unanswered = batch({row("k", "v")});
  ASSERT_EQ(commit(kPartition, "old", last, unanswered), CommitOutcome::kDone);  // answer lost
  take_over(young);
  ASSERT_EQ(commit(kPartition, "old", last, unanswered), CommitOutcome::kDeposed);
  const Head seen = head(kPartition);
  EXPECT_EQ(seen.previous_writer, WriterId("old"));
  EXPECT_GE(seen.previous_position, last);
  EXPECT_EQ(get(kPartition, "k"), "v");
}

TEST_P(StoreWriters, Deposed_writer_learns_that_its_last_commit_was_not_in) {
  Writer old{"old"};
  Writer young{"young"};
  take_over(old);
  take_over(young);
  const Position last = old.position + 1;
  ASSERT_EQ(commit(kPartition, "old", last, batch({row("k", "v")})), CommitOutcome::kDeposed);
  const Head seen = head(kPartition);
  EXPECT_EQ(seen.previous_writer, WriterId("old"));
  EXPECT_LT(seen.previous_position, last);
  EXPECT_EQ(get(kPartition, "k"), std::nullopt);
}

// All 70 orders of two writers that take over once and then write three times, each.
TEST_P(StoreWriters, Only_the_last_to_take_over_commits_in_every_order_of_two_writers) {
  constexpr unsigned kSteps = 8;
  for (unsigned order = 0; order < 1u << kSteps; ++order) {
    if (__builtin_popcount(order) != kSteps / 2) continue;
    std::array<Writer, 2> writers = {Writer{"a" + std::to_string(order)},
                                     Writer{"b" + std::to_string(order)}};
    const Writer* owner = nullptr;
    for (unsigned step = 0; step < kSteps; ++step) {
      Writer& writer = writers[order >> step & 1];
      if (!writer.opened) {
        take_over(writer);
        owner = &writer;
      } else {
        const auto expected = owner == &writer ? CommitOutcome::kDone : CommitOutcome::kDeposed;
        ASSERT_EQ(write_next(writer), expected) << "order " << order << " step " << step;
      }
    }
    for (const Writer& writer : writers) {
      for (int i = 1; i <= 3; ++i) EXPECT_EQ(is_in(writer, i), i < writer.next_batch);
    }
    ASSERT_EQ(head(kPartition).writer, WriterId(owner->id));
  }
}

TEST_P(StoreWriters, Stamp_that_does_not_rise_is_refused) {
  open(kPartition, "a");
  Batch first = batch({row("k", "v")});
  const Timestamp stamp = first.stamp;
  ASSERT_EQ(commit(kPartition, "a", 2, std::move(first)), CommitOutcome::kDone);
  const auto again = try_commit(kPartition, "a", 3, {stamp, "", {row("k", "w")}});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(get(kPartition, "k"), "v");
  EXPECT_EQ(head(kPartition).position, 2u);
}

TEST_P(StoreWriters, Stamp_rises_with_a_takeover_too) {
  open(kPartition, "a");
  ASSERT_EQ(commit(kPartition, "a", 2, batch({})), CommitOutcome::kDone);
  const Timestamp before = head(kPartition).stamp;
  EXPECT_GT(open(kPartition, "b").stamp, before);
}

// No commit spans partitions: one of several that are made together may fail alone.
TEST_P(StoreWriters, Commit_refused_in_one_partition_leaves_the_others_alone) {
  open(1, "a");
  open(2, "a");
  open(2, "b");
  std::promise<Result<CommitOutcome>> first;
  std::promise<Result<CommitOutcome>> second;
  store().commit(1, WriterId("a"), 2, std::make_shared<const Batch>(batch({row("k", "v")})),
                 [&](Result<CommitOutcome> result) { first.set_value(std::move(result)); });
  store().commit(2, WriterId("a"), 2, std::make_shared<const Batch>(batch({row("k", "v")})),
                 [&](Result<CommitOutcome> result) { second.set_value(std::move(result)); });
  back_end_->pump();
  EXPECT_EQ(first.get_future().get().value(), CommitOutcome::kDone);
  EXPECT_EQ(second.get_future().get().value(), CommitOutcome::kDeposed);
  EXPECT_EQ(get(1, "k"), "v");
  EXPECT_EQ(get(2, "k"), std::nullopt);
}

TEST_P(StoreWriters, Partition_that_does_not_exist_is_an_error) {
  const auto opened = try_open(kPartitions, "a");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  const auto committed = try_commit(kPartitions, "a", 1, batch({}));
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().code, ErrorCode::kInvalidArgument);
}

TEST_P(StoreWriters, Answer_never_comes_inside_the_call) {
  const auto test_thread = std::this_thread::get_id();
  bool calling = true;
  std::promise<bool> inside;
  store().open(kPartition, WriterId("a"), [&](Result<Head>) {
    inside.set_value(std::this_thread::get_id() == test_thread && calling);
  });
  calling = false;
  back_end_->pump();
  EXPECT_FALSE(inside.get_future().get());
}

INSTANTIATE_TEST_SUITE_P(BackEnds, StoreWriters, testing::ValuesIn(store_back_ends()), name_of);

}  // namespace
}  // namespace longwire::test
