// What storage/hbase does with batches that are not derived, with what expires, with limits and
// with formats of others.

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "tests/contract/hbase_fixture.h"

namespace longwire::test {
namespace {

class HBaseLog : public HBaseAttack {
 protected:
  static Fate no_derived_rows(GatewayCall call) {
    return call == GatewayCall::kPutRows ? Fate::kRefuse : Fate::kPass;
  }
  // A process whose rows never reach the table.
  Process& start_underiving() {
    Process& process = start();
    process.saboteur.set_plan(no_derived_rows);
    return process;
  }
  static Bytes key_of(Position position) { return "k" + std::to_string(100'000 + position); }
  // Commits a row at each position from the next on; the last position that was taken.
  Position fill(Process& process, PartitionId partition, Position from, int commits) {
    for (Position position = from; position < from + static_cast<Position>(commits); ++position) {
      const auto outcome =
          process.commit(partition, "a", position, batch({row(key_of(position), "v")}));
      if (!outcome.ok()) {
        EXPECT_EQ(outcome.error().code, ErrorCode::kUnavailable);
        return position - 1;
      }
    }
    return from + static_cast<Position>(commits) - 1;
  }
  // Some rows in each of a few partitions, which this process takes over.
  static constexpr PartitionId kFilled = 4;
  static constexpr Position kLastFilled = 21;
  void fill_some(Process& process) {
    for (PartitionId partition = 0; partition < kFilled; ++partition)
      ASSERT_TRUE(process.open(partition, "a").ok());
    for (Position position = 2; position <= kLastFilled; ++position) {
      for (PartitionId partition = 0; partition < kFilled; ++partition)
        ASSERT_EQ(fill(process, partition, position, 1), position);
    }
  }
  // A repeated call, as the middle makes it, until it has an answer.
  CommitOutcome commit_at_last(Process& process, Position position, const middle::BatchPtr& same) {
    for (;;) {
      const auto outcome = process.commit(0, "a", position, same);
      if (outcome.ok()) return *outcome;
    }
  }
  void write_log_cell(PartitionId partition, hbase::Cell cell) {
    ASSERT_TRUE(
        gateway()
            .put_rows(options_.log_table(), {{hbase::log_row(partition), {std::move(cell)}}})
            .ok());
  }
};

TEST_F(HBaseLog, Underived_batches_have_a_limit_and_are_derived_later) {
  options_.underived_batches_max = 20;
  Process& process = start_underiving();
  ASSERT_TRUE(process.open(0, "a").ok());
  const Position last = fill(process, 0, 2, 100);
  EXPECT_GE(last, 20u);  // the takeover's, which has no rows, may be one of them
  EXPECT_LE(last, 21u);
  EXPECT_EQ(process.get(0, {key_of(last)}).value()[0], "v");
  EXPECT_EQ(in_table(0, key_of(last)), std::nullopt);
  process.saboteur.release();
  EXPECT_EQ(commit_at_last(process, last + 1, batch({row("more", "v")})), CommitOutcome::kDone);
  EXPECT_TRUE(comes_to_hold(0, key_of(last), "v"));
}

// One call for the first, and one for all that come within each pause.
TEST_F(HBaseLog, Batches_of_many_partitions_are_derived_together) {
  using std::chrono::steady_clock;
  options_.derive_every = std::chrono::milliseconds(200);
  Process& process = start();
  const auto calls = std::make_shared<std::atomic<int>>(0);
  process.saboteur.set_plan([calls](GatewayCall call) {
    if (call == GatewayCall::kPutRows) ++*calls;
    return Fate::kPass;
  });
  const auto begun = steady_clock::now();
  fill_some(process);
  for (PartitionId partition = 0; partition < kFilled; ++partition)
    ASSERT_TRUE(comes_to_hold(partition, key_of(kLastFilled), "v"));
  EXPECT_LE(*calls, 2 + (steady_clock::now() - begun) / options_.derive_every);
}

TEST_F(HBaseLog, Partition_that_cannot_be_derived_holds_back_no_other) {
  Process& process = start();
  process.saboteur.refuse_rows_under(hbase::row_key(0, ""));
  fill_some(process);
  for (PartitionId partition = 1; partition < kFilled; ++partition)
    EXPECT_TRUE(comes_to_hold(partition, key_of(kLastFilled), "v"));
  EXPECT_EQ(in_table(0, key_of(kLastFilled)), std::nullopt);
  process.saboteur.refuse_rows_under("");
  EXPECT_TRUE(comes_to_hold(0, key_of(kLastFilled), "v"));
}

TEST_F(HBaseLog, Underived_bytes_have_a_limit) {
  options_.underived_bytes_max = 100'000;
  Process& process = start_underiving();
  ASSERT_TRUE(process.open(0, "a").ok());
  const Bytes big(60'000, 'x');
  ASSERT_TRUE(process.commit(0, "a", 2, batch({row("k", big)})).ok());
  const auto refused = process.commit(0, "a", 3, batch({row("l", big)}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_GT(refused.error().retry_after.count(), 0);
}

TEST_F(HBaseLog, Takeover_replays_what_was_not_derived) {
  constexpr int kCommits = 300;
  Process& first = start_underiving();
  ASSERT_TRUE(first.open(0, "a").ok());
  ASSERT_EQ(fill(first, 0, 2, kCommits), 1u + kCommits);
  stop(first);
  Process& second = start();
  EXPECT_EQ(second.open(0, "b")->position, 2u + kCommits);
  const auto rows = second.scan(0, {.from = "k", .to = "l", .rows_max = 1000});
  EXPECT_EQ(rows->size(), std::size_t{kCommits});
  EXPECT_TRUE(comes_to_hold(0, key_of(kCommits + 1), "v"));
}

TEST_F(HBaseLog, Batch_of_several_parts_is_replayed_and_its_slot_freed) {
  const Bytes big(hbase::kPartBytesMax * 5 / 2, 'x');
  Process& first = start_underiving();
  ASSERT_TRUE(first.open(0, "a").ok());
  ASSERT_TRUE(first.commit(0, "a", 2, batch({row("big", big)})).ok());
  stop(first);
  Process& second = start();
  ASSERT_EQ(second.open(0, "a2")->position, 3u);
  EXPECT_EQ(second.get(0, {"big"}).value()[0], big);
  ASSERT_TRUE(comes_to_hold(0, "big", big));
  // The next commits say so, and free the slot.
  for (Position position = 4;; ++position) {
    ASSERT_LT(position, 1000u);
    ASSERT_TRUE(second.commit(0, "a2", position, batch({})).ok());
    const auto cells = gateway().get(options_.log_table(), hbase::log_row(0),
                                     {hbase::slot_cell(2, 0), hbase::slot_cell(2, 2)});
    ASSERT_EQ(cells->size(), 2u);
    if ((*cells)[0].value.empty() && (*cells)[1].value.empty()) break;
  }
}

// More takeovers than there are slots, and nothing is ever derived by those before the last.
TEST_F(HBaseLog, Takeover_that_finds_no_slot_derives_first) {
  Process& first = start_underiving();
  ASSERT_TRUE(first.open(0, "a").ok());
  const auto limit = static_cast<Position>(options_.underived_batches_max);
  Position position = fill(first, 0, 2, static_cast<int>(limit) + 10);
  ASSERT_GE(position, limit);
  Result<Head> head = Head();
  while (head.ok()) {
    ASSERT_LE(position, hbase::kSlots + 1);
    head = first.open(0, "w" + std::to_string(position));
    if (head.ok()) position = head->position;
  }
  EXPECT_GE(position, hbase::kSlots);
  first.saboteur.release();
  EXPECT_EQ(first.open(0, "b")->position, position + 1);
  EXPECT_EQ(in_table(0, key_of(2)), "v");
  EXPECT_EQ(in_table(0, key_of(limit)), "v");
  EXPECT_TRUE(first.commit(0, "b", position + 2, batch({})).ok());
}

TEST_F(HBaseLog, Scan_lies_over_the_table_in_both_directions) {
  Process& process = start();
  ASSERT_TRUE(process.open(0, "a").ok());
  ASSERT_TRUE(
      process.commit(0, "a", 2, batch({row("a", "1"), row("c", "1"), row("e", "1"), row("g", "1")}))
          .ok());
  ASSERT_TRUE(comes_to_hold(0, "g", "1"));
  process.saboteur.set_plan(no_derived_rows);
  ASSERT_TRUE(process.commit(0, "a", 3, batch({row("b", "2"), row("c", "2"), {"e", {}, {}}})).ok());
  const auto text = [&](bool reverse, std::size_t rows_max) {
    Bytes all;
    const auto rows =
        process.scan(0, {.from = "a", .to = "z", .rows_max = rows_max, .reverse = reverse});
    for (const Row& each : *rows) all += each.key + each.value + " ";
    return all;
  };
  EXPECT_EQ(text(false, 100), "a1 b2 c2 g1 ");
  EXPECT_EQ(text(true, 100), "g1 c2 b2 a1 ");
  EXPECT_EQ(text(false, 2), "a1 b2 ");
  EXPECT_EQ(text(true, 2), "g1 c2 ");
}

TEST_F(HBaseLog, Scan_tells_when_rows_of_the_table_expire) {
  const Timestamp later{clock_.now() + std::chrono::hours(1)};
  Process& process = start();
  ASSERT_TRUE(process.open(0, "a").ok());
  ASSERT_TRUE(process.commit(0, "a", 2, batch({{"a", "1", later}, row("b", "1")})).ok());
  // One batch is derived after the other: with this one in the table, nothing lies over the first.
  ASSERT_TRUE(comes_to_hold(0, "b", "1"));
  ASSERT_TRUE(process.commit(0, "a", 3, batch({row("z", "2")})).ok());
  ASSERT_TRUE(comes_to_hold(0, "z", "2"));
  const auto rows = process.scan(0, {.from = "a", .to = "c"});
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].expires, later);
  EXPECT_EQ((*rows)[1].expires, std::nullopt);
}

TEST_F(HBaseLog, Scan_of_many_pages_misses_nothing_in_both_directions) {
  constexpr int kRows = 3000;
  Process& process = start();
  ASSERT_TRUE(process.open(0, "a").ok());
  std::vector<middle::RowWrite> writes;
  for (int i = 0; i < kRows; ++i) writes.push_back(row(key_of(static_cast<Position>(i)), "v"));
  for (int i = 0; i < kRows; i += 2) writes[static_cast<std::size_t>(i)].value.reset();
  ASSERT_TRUE(process.commit(0, "a", 2, batch(writes)).ok());
  ASSERT_TRUE(comes_to_hold(0, key_of(1), "v"));
  for (const bool reverse : {false, true}) {
    const auto rows =
        process.scan(0, {.from = "k", .to = "l", .rows_max = 10'000, .reverse = reverse});
    ASSERT_EQ(rows->size(), std::size_t{kRows / 2});
    for (std::size_t i = 1; i < rows->size(); ++i) {
      ASSERT_EQ((*rows)[i - 1].key < (*rows)[i].key, !reverse);
    }
  }
}

// In memory and in the table; and what it replaced does not come back.
TEST_F(HBaseLog, Expired_row_is_not_there_and_uncovers_nothing) {
  Process& process = start();
  ASSERT_TRUE(process.open(0, "a").ok());
  ASSERT_TRUE(process.commit(0, "a", 2, batch({row("k", "for ever"), row("l", "v")})).ok());
  ASSERT_TRUE(comes_to_hold(0, "k", "for ever"));
  const Timestamp soon = clock_.now() + std::chrono::hours(1);
  process.saboteur.set_plan(no_derived_rows);
  ASSERT_TRUE(process.commit(0, "a", 3, batch({{"k", "for an hour", soon}})).ok());
  EXPECT_EQ(process.get(0, {"k"}).value()[0], "for an hour");
  clock_.step(std::chrono::hours(2));
  EXPECT_EQ(process.get(0, {"k"}).value()[0], std::nullopt);
  EXPECT_EQ(process.scan(0, {.from = "a", .to = "z"})->size(), 1u);
  process.saboteur.release();
  ASSERT_TRUE(comes_to_hold(0, "k", "for an hour"));
  EXPECT_EQ(process.get(0, {"k"}).value()[0], std::nullopt);
  EXPECT_EQ(process.scan(0, {.from = "a", .to = "z"})->size(), 1u);
  EXPECT_EQ(process.scan(0, {.from = "a", .to = "z", .reverse = true})->size(), 1u);
}

// A marker of the dead cell's stamp: what it replaced does not come back, what came since stays.
TEST_F(HBaseLog, Dead_rows_are_deleted_after_days_and_uncover_nothing) {
  options_.sweep_every = std::chrono::milliseconds(1);
  options_.sweep_pause = std::chrono::milliseconds(1);
  options_.sweep_rows = 2;
  Process& process = start();
  ASSERT_TRUE(process.open(0, "a").ok());
  stamp_ = clock_.now().ms;
  const Timestamp soon = clock_.now() + std::chrono::hours(1);
  ASSERT_TRUE(process
                  .commit(0, "a", 2,
                          batch({row("again", "1"), row("expiring", "for ever"), row("kept", "1"),
                                 row("removed", "1")}))
                  .ok());
  ASSERT_TRUE(
      process
          .commit(
              0, "a", 3,
              batch({{"again", {}, {}}, {"expiring", "for an hour", soon}, {"removed", {}, {}}}))
          .ok());
  ASSERT_TRUE(process.commit(0, "a", 4, batch({row("again", "2")})).ok());
  ASSERT_TRUE(comes_to_hold(0, "again", "2"));
  clock_.step(std::chrono::hours(71));
  EXPECT_EQ(stored_cells(0, "removed"), 1u);
  EXPECT_EQ(stored_cells(0, "expiring"), 1u);
  clock_.step(std::chrono::hours(2));
  EXPECT_TRUE(comes_to_be_gone(0, "removed"));
  EXPECT_TRUE(comes_to_be_gone(0, "expiring"));
  EXPECT_EQ(process.get(0, {"again", "expiring", "kept", "removed"}).value(),
            (Values{"2", std::nullopt, "1", std::nullopt}));
}

TEST_F(HBaseLog, Requests_past_the_queue_are_refused_while_calls_hang) {
  options_.read_connections = 1;
  options_.reads_queued_max = 1;
  Process& process = start();
  process.saboteur.set_plan([](GatewayCall) { return Fate::kPauseBefore; });
  std::promise<Result<Head>> held;
  std::promise<Result<Head>> queued;
  process.store->head(0, [&](Result<Head> head) { held.set_value(std::move(head)); });
  ASSERT_TRUE(process.saboteur.wait_for_pause([] { return false; }));
  process.store->head(0, [&](Result<Head> head) { queued.set_value(std::move(head)); });
  const auto refused = process.head(0);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  process.saboteur.release();
  EXPECT_TRUE(held.get_future().get().ok());
  EXPECT_TRUE(queued.get_future().get().ok());
}

TEST_F(HBaseLog, Gateway_that_is_not_there_is_no_hang_and_another_one_serves) {
  options_.gateways = {"127.0.0.1:1", options_.gateways.front()};
  Process& process = start();
  ASSERT_TRUE(process.open(0, "a").ok() || process.open(0, "a").ok());
  for (Position position = 2; position < 50; ++position) {
    EXPECT_EQ(commit_at_last(process, position, batch({row("k", "v")})), CommitOutcome::kDone);
  }
}

TEST_F(HBaseLog, Newer_formats_are_refused) {
  Process& process = start();
  hbase::LogHead head;
  head.head.position = 5;
  head.underived = 6;
  Bytes newer = hbase::encode_head(head);
  newer[0] = 2;
  write_log_cell(3, {hbase::kHeadCell, newer, 5});
  EXPECT_EQ(process.open(3, "a").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(process.head(3).error().code, ErrorCode::kUnsupported);

  middle::StorageInfo info = *options_.create_with;
  info.format = middle::kStorageFormat + 1;
  ASSERT_TRUE(gateway()
                  .put_rows(options_.log_table(),
                            {{hbase::info_row(), {{hbase::kInfoCell, encode_info(info), 2}}}})
                  .ok());
  const auto opened = hbase::open_store(options_, clock_, null_log(), unseen_metrics());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
}

TEST_F(HBaseLog, Committed_batch_that_is_missing_is_an_error) {
  Process& first = start_underiving();
  ASSERT_TRUE(first.open(0, "a").ok());
  ASSERT_TRUE(first.commit(0, "a", 2, batch({row("k", "v")})).ok());
  stop(first);
  write_log_cell(0, {hbase::slot_cell(2, 0), "", 1000});
  Process& second = start();
  EXPECT_EQ(second.open(0, "b").error().code, ErrorCode::kCorrupt);
}

TEST_F(HBaseLog, Storage_is_made_once_by_whoever_comes_first) {
  options_.regions = 4;
  const auto none = hbase::inspect_storage(options_, clock_, null_log());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  const auto make = [this](std::string incarnation) {
    middle::StorageInfo info = *options_.create_with;
    info.incarnation = middle::Incarnation(std::move(incarnation));
    return hbase::init_storage(options_, info, clock_, null_log());
  };
  Result<middle::StorageInfo> other = Error{};
  std::thread at_once([&] { other = make("one"); });
  const auto made = make("two");
  at_once.join();
  ASSERT_TRUE(made.ok());
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(made->incarnation, other->incarnation);
  EXPECT_EQ(made->partitions, 64);
  EXPECT_EQ(make("three")->incarnation, made->incarnation);
  EXPECT_EQ(hbase::inspect_storage(options_, clock_, null_log())->incarnation, made->incarnation);
}

TEST_F(HBaseLog, Who_opened_the_storage_before_an_import_takes_no_partition_from_it) {
  Process& server = start();
  ASSERT_TRUE(server.open(0, "server").ok());
  middle::StorageInfo marked = server.store->info();
  marked.importing = true;
  ASSERT_TRUE(hbase::replace_info(options_, server.store->info(), marked, clock_, null_log()).ok());
  Process& import = start();
  ASSERT_TRUE(import.open(0, "import").ok());
  EXPECT_EQ(server.commit(0, "server", 2, batch({row("k", "v")})).value(), CommitOutcome::kDeposed);
  EXPECT_EQ(server.open(0, "server again").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(import.commit(0, "import", 3, batch({row("k", "v")})).value(), CommitOutcome::kDone);
}

TEST_F(HBaseLog, Bad_options_are_refused_before_any_call) {
  for (const Bytes prefix : {"", "-x", ".x", "a b", "a:b"}) {
    hbase::Options options = options_;
    options.table_prefix = prefix;
    const auto opened = hbase::open_store(options, clock_, null_log(), unseen_metrics());
    ASSERT_FALSE(opened.ok()) << prefix;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  }
  hbase::Options none = options_;
  none.gateways.clear();
  EXPECT_EQ(hbase::inspect_storage(none, clock_, null_log()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace longwire::test
