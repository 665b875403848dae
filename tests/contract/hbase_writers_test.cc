// Two processes on one HBase, held up between any two calls to the gateway, with answers lost and
// writes that arrive much later: one line of batches results, nothing acknowledged is lost.

#include <map>
#include <random>

#include "tests/contract/hbase_fixture.h"

namespace longwire::test {
namespace {

class HBaseWriters : public HBaseAttack {
 protected:
  // A process takes over and commits once, on its own threads.
  class Attempt {
   public:
    Attempt(Process& process, PartitionId partition, std::string writer)
        : process_(process), partition_(partition), writer_(std::move(writer)) {}

    void start() {
      process_.store->open(partition_, writer_, [this](Result<Head> head) {
        if (!head) return finish(std::move(head).error());
        position_ = head->position + 1;
        const Bytes& name = writer_.value();
        const auto batch =
            std::make_shared<const Batch>(Batch{head->stamp + std::chrono::milliseconds(1),
                                                "",
                                                {row("k", name), row("of " + name, "v")}});
        process_.store->commit(partition_, writer_, position_, batch,
                               [this](Result<CommitOutcome> outcome) { finish(outcome); });
      });
    }
    bool finished() const { return finished_; }
    Result<CommitOutcome> outcome() { return outcome_.get_future().get(); }
    Position position() const { return position_; }

   private:
    void finish(Result<CommitOutcome> outcome) {
      finished_ = true;
      outcome_.set_value(std::move(outcome));
      process_.saboteur.poke();
    }

    Process& process_;
    const PartitionId partition_;
    const WriterId writer_;
    Position position_ = 0;
    std::atomic<bool> finished_ = false;
    std::promise<Result<CommitOutcome>> outcome_;
  };

  // `old` is held up at its call number `at` while `young` takes over and commits. False: `old` was
  // through before.
  bool overtake(PartitionId partition, int at, Fate fate) {
    Process& old = start();
    Process& young = start();
    int calls = 0;
    old.saboteur.set_plan(
        [&calls, at, fate](GatewayCall) { return calls++ == at ? fate : Fate::kPass; });
    Attempt first(old, partition, "old");
    first.start();
    const bool held = old.saboteur.wait_for_pause([&] { return first.finished(); });

    Attempt second(young, partition, "young");
    second.start();
    EXPECT_EQ(second.outcome().value(), CommitOutcome::kDone);
    old.saboteur.release();
    const auto outcome = first.outcome();
    EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().message);
    stop(old);
    stop(young);
    const bool done = outcome.ok() && *outcome == CommitOutcome::kDone;
    judge(partition, done ? first.position() : 0, second.position());
    return held;
  }

  // What a third sees, and what the table comes to hold.
  void judge(PartitionId partition, Position old, Position young) {
    const Bytes last = old > young ? "old" : "young";
    Process& third = start();
    ASSERT_TRUE(third.open(partition, "third").ok());
    const Values values = third.get(partition, {"k", "of old", "of young"}).value();
    EXPECT_EQ(values[0], last);
    EXPECT_EQ(values[1].has_value(), old != 0);
    EXPECT_EQ(values[2], "v");
    EXPECT_TRUE(comes_to_hold(partition, "k", last));
    EXPECT_TRUE(comes_to_hold(partition, "of young", "v"));
    stop(third);
  }
};

TEST_F(HBaseWriters, Overtaken_at_any_call_harms_nobody) {
  PartitionId partition = 0;
  for (const Fate fate : {Fate::kPauseBefore, Fate::kPauseAfter}) {
    int held = 0;
    while (overtake(partition, held, fate)) {
      SCOPED_TRACE(held);
      ++held;
      ++partition;
      ASSERT_LT(held, 20);
    }
    ++partition;
    EXPECT_GE(held, 5);  // head, takeover, log, commit, derived rows
  }
}

TEST_F(HBaseWriters, Derived_rows_that_come_late_do_not_hide_newer_ones) {
  Process& old = start();
  ASSERT_TRUE(old.open(0, "old").ok());
  old.saboteur.set_plan([](GatewayCall call) {
    return call == GatewayCall::kPutRows ? Fate::kPauseBefore : Fate::kPass;
  });
  ASSERT_EQ(old.commit(0, "old", 2, batch({row("k", "old"), row("removed", "old")})).value(),
            CommitOutcome::kDone);
  ASSERT_TRUE(old.saboteur.wait_for_pause([] { return false; }));
  Process& young = start();
  ASSERT_EQ(young.open(0, "young")->position, 3u);
  EXPECT_EQ(young.get(0, {"k"}).value()[0], "old");
  ASSERT_EQ(young.commit(0, "young", 4, batch({row("k", "young"), {"removed", {}, {}}})).value(),
            CommitOutcome::kDone);
  ASSERT_TRUE(comes_to_hold(0, "k", "young"));
  old.saboteur.release();
  stop(old);  // its last call is through
  EXPECT_EQ(in_table(0, "k"), "young");
  EXPECT_EQ(in_table(0, "removed"), std::nullopt);
  EXPECT_EQ(young.get(0, {"k", "removed"}).value(), (Values{"young", std::nullopt}));
}

// A commit whose answer is lost is repeated until one comes; each is in once, at its position.
TEST_F(HBaseWriters, Commits_without_answers_are_in_once) {
  constexpr int kCommits = 150;
  Process& process = start();
  ASSERT_TRUE(process.open(0, "a").ok());
  std::mt19937 random(11);
  process.saboteur.set_plan([&random](GatewayCall) {
    const auto dice = random() % 10;
    return dice == 0 ? Fate::kLoseCall : dice <= 2 ? Fate::kLoseAnswer : Fate::kPass;
  });
  for (Position position = 2; position < 2 + kCommits; ++position) {
    const auto same = batch({row(std::to_string(position), "v"), row("last", "v")});
    Result<CommitOutcome> outcome = Error{ErrorCode::kUnavailable, ""};
    while (!outcome.ok()) outcome = process.commit(0, "a", position, same);
    ASSERT_EQ(*outcome, CommitOutcome::kDone);
  }
  process.saboteur.release();
  const auto head = process.head(0);
  EXPECT_EQ(head->position, 1u + kCommits);
  const auto rows = process.scan(0, {.from = "", .to = "l", .rows_max = 1000});
  EXPECT_EQ(rows->size(), std::size_t{kCommits});
}

// Two processes depose each other at random while calls are lost or arrive late.
class Duel : public HBaseWriters {
 protected:
  static constexpr PartitionId kPartition = 7;
  struct Duelist {
    Process& process;
    std::string name;
    std::string writer;
    int takeovers = 0;
    Position position = 0;
    bool owner = false;
  };

  void take_over(Duelist& duelist) {
    duelist.writer = duelist.name + std::to_string(++duelist.takeovers);
    Result<Head> head = Error{ErrorCode::kUnavailable, ""};
    while (!head.ok()) {
      head = duelist.process.open(kPartition, duelist.writer);
      maybe_late();
    }
    duelist.position = head->position;
    stamp_ = std::max(stamp_, head->stamp.ms);
    duelist.owner = true;
  }
  void commit(Duelist& duelist) {
    const Bytes key = "n" + std::to_string(++batches_);
    const auto same = batch({row(key, duelist.writer), row("newest", key)});
    Result<CommitOutcome> outcome = Error{ErrorCode::kUnavailable, ""};
    while (!outcome.ok()) {
      outcome = duelist.process.commit(kPartition, duelist.writer, duelist.position + 1, same);
      maybe_late();
    }
    if (*outcome == CommitOutcome::kDone) {
      ++duelist.position;
      committed_[key] = duelist.writer;
      newest_ = key;
    } else {
      duelist.owner = false;
      refused_.push_back(key);
    }
  }
  void maybe_late() {
    if (random_() % 3 != 0) return;
    Process& any = *processes_[random_() % processes_.size()];
    any.saboteur.run_one_late(random_);
  }
  static Saboteur::Plan treachery(unsigned seed) {
    return [dice = std::mt19937(seed)](GatewayCall call) mutable {
      const bool writes = call == GatewayCall::kPutIf || call == GatewayCall::kPutRows;
      switch (dice() % 12) {
        case 0:
          return Fate::kLoseCall;
        case 1:
          return Fate::kLoseAnswer;
        case 2:
          return writes ? Fate::kLate : Fate::kPass;
        default:
          return Fate::kPass;
      }
    };
  }
  // Everything late arrives; then a third looks.
  void settle() {
    for (auto& process : processes_) {
      process->saboteur.release();
      while (process->saboteur.run_one_late(random_)) {
      }
    }
  }

  std::mt19937 random_{20261129};
  int batches_ = 0;
  Bytes newest_;
  std::map<Bytes, Bytes> committed_;
  std::vector<Bytes> refused_;
};

TEST_F(Duel, Ends_with_what_was_acknowledged_and_nothing_else) {
  constexpr int kSteps = 250;
  Duelist duelists[] = {{start(), "a", ""}, {start(), "b", ""}};
  for (unsigned i = 0; i < 2; ++i) duelists[i].process.saboteur.set_plan(treachery(i));
  for (int step = 0; step < kSteps; ++step) {
    Duelist& duelist = duelists[random_() % 2];
    if (duelist.owner) {
      commit(duelist);
    } else {
      take_over(duelist);
    }
  }
  settle();
  Process& third = start();
  ASSERT_TRUE(third.open(kPartition, "third").ok());
  for (const auto& [key, writer] : committed_) {
    EXPECT_EQ(third.get(kPartition, {key}).value()[0], writer) << key;
    EXPECT_TRUE(comes_to_hold(kPartition, key, writer)) << key;
  }
  for (const Bytes& key : refused_) {
    EXPECT_EQ(third.get(kPartition, {key}).value()[0], std::nullopt) << key;
  }
  EXPECT_EQ(third.get(kPartition, {"newest"}).value()[0], newest_);
  EXPECT_TRUE(comes_to_hold(kPartition, "newest", newest_));
  EXPECT_GT(committed_.size(), 50u);
  EXPECT_GT(refused_.size(), 10u);
}

}  // namespace
}  // namespace longwire::test
