// The partition store's contract: what is stored, and that it stays.

#include <algorithm>
#include <atomic>
#include <future>

#include "tests/contract/store_fixture.h"

namespace longwire::test {
namespace {

using testing::Test;

class StoreRows : public StoreContract {
 protected:
  static constexpr PartitionId kPartition = 5;

  // Opens where that was not done yet, and commits.
  void write(std::vector<middle::RowWrite> rows, PartitionId partition = kPartition) {
    Head now = head(partition);
    if (now.writer.empty()) now = open(partition, "writer");
    ASSERT_EQ(commit(partition, now.writer.value(), now.position + 1, batch(std::move(rows))),
              CommitOutcome::kDone);
  }
};

TEST_P(StoreRows, Get_answers_in_the_order_of_the_keys) {
  write({row("b", "2"), row("a", "1")});
  const std::vector<std::optional<Bytes>> expected = {"2", std::nullopt, "1", "2"};
  EXPECT_EQ(get_all(kPartition, {"b", "none", "a", "b"}), expected);
  EXPECT_TRUE(get_all(kPartition, {}).empty());
}

TEST_P(StoreRows, Later_value_replaces_the_former) {
  write({row("k", "1")});
  write({row("k", "2")});
  EXPECT_EQ(get(kPartition, "k"), "2");
}

TEST_P(StoreRows, Removed_row_is_gone_and_can_come_back) {
  write({row("k", "1"), row("l", "1")});
  write({removed("k"), removed("never there")});
  EXPECT_EQ(get(kPartition, "k"), std::nullopt);
  EXPECT_EQ(scan_keys(kPartition, {.from = "a", .to = "z"}), std::vector<Bytes>{"l"});
  write({row("k", "2")});
  EXPECT_EQ(get(kPartition, "k"), "2");
}

TEST_P(StoreRows, Any_byte_may_be_in_keys_and_values) {
  const Bytes zero(1, '\0');
  const Bytes all = "a" + zero + "\xff" + zero;
  write({row(all, all), row("a", ""), row("a" + zero, "x"), row(zero, "zero"), row("\xff", "ff")});
  EXPECT_EQ(get(kPartition, all), all);
  EXPECT_EQ(get(kPartition, "a"), "");
  EXPECT_EQ(get(kPartition, "a" + zero), "x");
  const std::vector<Bytes> in_order = {zero, "a", "a" + zero, all, "\xff"};
  EXPECT_EQ(scan_keys(kPartition, {.from = "", .to = "\xff\xff"}), in_order);
}

TEST_P(StoreRows, Partitions_do_not_see_each_other) {
  write({row("k", "four"), row("\xff\xff\xff", "last")}, 4);
  write({row("k", "five")}, 5);
  write({row("", "first"), row("k", "six")}, 6);
  EXPECT_EQ(get(5, "k"), "five");
  EXPECT_EQ(scan_keys(5, {.from = "", .to = "\xff\xff\xff\xff"}), std::vector<Bytes>{"k"});
  EXPECT_EQ(scan_keys(5, {.from = "", .to = "\xff\xff\xff\xff", .reverse = true}),
            std::vector<Bytes>{"k"});
}

TEST_P(StoreRows, Scan_takes_from_and_leaves_out_to) {
  write({row("a", ""), row("b", ""), row("c", ""), row("d", "")});
  EXPECT_EQ(scan_keys(kPartition, {.from = "b", .to = "d"}), (std::vector<Bytes>{"b", "c"}));
  EXPECT_EQ(scan_keys(kPartition, {.from = "b", .to = "d", .reverse = true}),
            (std::vector<Bytes>{"c", "b"}));
  EXPECT_EQ(scan_keys(kPartition, {.from = "aa", .to = "dd"}), (std::vector<Bytes>{"b", "c", "d"}));
  EXPECT_TRUE(scan_keys(kPartition, {.from = "b", .to = "b"}).empty());
  EXPECT_TRUE(scan_keys(kPartition, {.from = "c", .to = "b"}).empty());
}

TEST_P(StoreRows, Scan_stops_at_its_rows) {
  write({row("a", ""), row("b", ""), row("c", "")});
  EXPECT_EQ(scan_keys(kPartition, {.from = "a", .to = "z", .rows_max = 2}),
            (std::vector<Bytes>{"a", "b"}));
  EXPECT_EQ(scan_keys(kPartition, {.from = "a", .to = "z", .rows_max = 2, .reverse = true}),
            (std::vector<Bytes>{"c", "b"}));
}

TEST_P(StoreRows, Scan_stops_at_its_bytes_but_not_before_the_first_row) {
  write({row("a", Bytes(100, 'x')), row("b", Bytes(100, 'x')), row("c", Bytes(100, 'x'))});
  EXPECT_EQ(scan_keys(kPartition, {.from = "a", .to = "z", .bytes_max = 250}),
            (std::vector<Bytes>{"a", "b"}));
  EXPECT_EQ(scan_keys(kPartition, {.from = "a", .to = "z", .bytes_max = 1}),
            std::vector<Bytes>{"a"});
}

TEST_P(StoreRows, Batch_at_the_limit_is_taken_and_above_it_refused) {
  open(kPartition, "writer");
  const Bytes key = "big";
  const Bytes state = "state";
  const Bytes value(middle::kBatchBytesMax - key.size() - state.size(), 'x');
  const auto above = try_commit(kPartition, "writer", 2, batch({row(key, value + "y")}, state));
  ASSERT_FALSE(above.ok());
  EXPECT_EQ(above.error().code, ErrorCode::kInvalidArgument);
  ASSERT_EQ(commit(kPartition, "writer", 2, batch({row(key, value)}, state)), CommitOutcome::kDone);
  EXPECT_EQ(get(kPartition, key)->size(), value.size());
}

TEST_P(StoreRows, Batch_of_many_rows_is_in_as_a_whole) {
  std::vector<middle::RowWrite> rows;
  for (int i = 0; i < 20000; ++i) rows.push_back(row("k" + std::to_string(100000 + i), "v"));
  write(std::move(rows));
  EXPECT_EQ(scan_keys(kPartition, {.from = "k", .to = "l", .rows_max = 30000}).size(), 20000u);
}

TEST_P(StoreRows, Row_is_there_until_it_expires) {
  const Timestamp later{system_clock().now() + std::chrono::hours(1)};
  write({{"k", "v", later}});
  EXPECT_EQ(get(kPartition, "k"), "v");
  back_end_->restart();
  EXPECT_EQ(get(kPartition, "k"), "v");
}

TEST_P(StoreRows, Scan_tells_when_rows_expire_as_it_was_written) {
  using Expires = std::vector<std::optional<Timestamp>>;
  const Timestamp soon{system_clock().now() + std::chrono::milliseconds(3'600'001)};
  const Timestamp late{soon + std::chrono::hours(24'000)};
  write({{"a", "v", soon}, row("b", "v"), {"c", "v", late}, {"d", "v", soon}, {"e", "", soon}});
  write({{"c", "v", soon}, row("d", "v")});
  const auto told = [&](bool reverse) {
    Expires all;
    for (const Row& row : scan(kPartition, {.from = "a", .to = "z", .reverse = reverse})) {
      all.push_back(row.expires);
    }
    return all;
  };
  const Expires forwards = {soon, std::nullopt, soon, std::nullopt, soon};
  EXPECT_EQ(told(false), forwards);
  EXPECT_EQ(told(true), Expires(forwards.rbegin(), forwards.rend()));
  back_end_->restart();
  EXPECT_EQ(told(false), forwards);
}

TEST_P(StoreRows, Restart_keeps_rows_heads_and_who_was_before) {
  open(kPartition, "a");
  ASSERT_EQ(commit(kPartition, "a", 2, batch({row("k", "v"), row("gone", "v")})),
            CommitOutcome::kDone);
  open(kPartition, "b");
  ASSERT_EQ(commit(kPartition, "b", 4, batch({removed("gone")}, "state of b")),
            CommitOutcome::kDone);
  const Head before = head(kPartition);
  back_end_->restart();
  const Head after = head(kPartition);
  EXPECT_EQ(after.position, 4u);
  EXPECT_EQ(after.writer, WriterId("b"));
  EXPECT_EQ(after.stamp, before.stamp);
  EXPECT_EQ(after.state, "state of b");
  EXPECT_EQ(after.previous_writer, WriterId("a"));
  EXPECT_EQ(after.previous_position, 2u);
  EXPECT_EQ(get(kPartition, "k"), "v");
  EXPECT_EQ(get(kPartition, "gone"), std::nullopt);
}

TEST_P(StoreRows, Every_answered_commit_survives_a_restart_at_any_time) {
  open(kPartition, "a");
  Position position = 1;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) {
      ++position;
      ASSERT_EQ(
          commit(kPartition, "a", position, batch({row("k" + std::to_string(position), "v")})),
          CommitOutcome::kDone);
    }
    back_end_->restart();
    ASSERT_EQ(head(kPartition).position, position);
    for (Position i = 2; i <= position; ++i) {
      ASSERT_EQ(get(kPartition, "k" + std::to_string(i)), "v") << i;
    }
  }
}

TEST_P(StoreRows, Info_is_what_the_storage_was_made_with) {
  back_end_->restart();
  EXPECT_EQ(store().info().partitions, kPartitions);
  EXPECT_EQ(store().info().incarnation, contract_storage_info().incarnation);
  EXPECT_EQ(store().info().format, middle::kStorageFormat);
}

// A chain of commits in each partition, all at once, each begun by the answer of the one before.
class Chain {
 public:
  Chain(middle::PartitionStore& store, PartitionId partition, std::atomic<int>& left)
      : store_(store), partition_(partition), left_(left) {}

  void start() {
    store_.open(partition_, writer_, [this](Result<Head> head) {
      if (!head.ok()) return finish();
      position_ = head->position;
      stamp_ = head->stamp;
      next();
    });
  }
  Position position() const { return position_; }
  static constexpr Position kCommits = 40;

 private:
  void next() {
    if (position_ > kCommits) return finish();
    stamp_.ms += 1;
    Batch batch{stamp_, "s", {}};
    batch.rows.push_back({"k" + std::to_string(position_ + 1), "v", std::nullopt});
    store_.commit(partition_, writer_, position_ + 1,
                  std::make_shared<const Batch>(std::move(batch)),
                  [this](Result<CommitOutcome> result) {
                    if (!result.ok() || *result != CommitOutcome::kDone) return finish();
                    ++position_;
                    next();
                  });
  }
  void finish() {
    if (--left_ == 0) left_.notify_all();
  }

  middle::PartitionStore& store_;
  const PartitionId partition_;
  std::atomic<int>& left_;
  const WriterId writer_{"chain"};
  Position position_ = 0;
  Timestamp stamp_;
};

TEST_P(StoreRows, Chains_of_commits_in_all_partitions_at_once_are_all_in) {
  std::atomic<int> left = kPartitions;
  std::vector<std::unique_ptr<Chain>> chains;
  for (PartitionId partition = 0; partition < kPartitions; ++partition) {
    chains.push_back(std::make_unique<Chain>(store(), partition, left));
    chains.back()->start();
  }
  back_end_->pump();
  for (int now = left; now != 0; now = left) left.wait(now);
  back_end_->restart();
  for (PartitionId partition = 0; partition < kPartitions; ++partition) {
    EXPECT_EQ(chains[partition]->position(), Chain::kCommits + 1);
    EXPECT_EQ(head(partition).position, Chain::kCommits + 1);
    EXPECT_EQ(scan_keys(partition, {.from = "", .to = "z"}).size(), Chain::kCommits);
  }
}

INSTANTIATE_TEST_SUITE_P(BackEnds, StoreRows, testing::ValuesIn(store_back_ends()), name_of);

}  // namespace
}  // namespace longwire::test
