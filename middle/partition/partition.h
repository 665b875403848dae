#pragma once

// Partition: the owner of one partition's rows. Runs operations, gathers what they change into a
// batch, commits it at the partition's next position or not at all, and answers all who wait for
// it.
//
// One commit is under way at a time; meanwhile the next batch gathers. A reply is held until every
// batch that its operation wrote into, or read from, is committed: nothing that may still be undone
// is shown. An operation whose rows are not in memory waits for one load of all it asked for.
//
// Limits (PartitionOptions): operations waiting, by class: the lowest is refused first
// (kUnavailable with retry_after); bytes and rows of a batch, of which a share is kept for lane
// items; bytes of the row cache; items waiting per lane.
//
// Damaged rows (kCorrupt) fail what asks for them, are counted, and logged once a place.
//
// Errors given to those who wait: kCorrupt, kUnavailable and kDeposed (nothing was done),
// kUnknownOutcome.

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/environment.h"
#include "middle/partition/committer.h"
#include "middle/partition/lane_sender.h"
#include "middle/partition/loop_guard.h"
#include "middle/partition/operation.h"
#include "middle/partition/row_cache.h"
#include "middle/partition/transaction.h"
#include "middle/ports/partition_store.h"

namespace longwire::middle {

struct PartitionOptions {
  std::size_t pending_max = 20'000;
  std::size_t cache_bytes_max = 16 * 1024 * 1024;
  std::size_t batch_bytes_max = 1024 * 1024;
  std::size_t batch_rows_max = 8192;
  std::size_t lane_items_max = 1000;
  // An owner that has not confirmed its head for so long answers no reads.
  std::chrono::milliseconds confirmed_within = std::chrono::seconds(5);
  // A commit without an answer for so long: those who wait are told "unknown outcome".
  std::chrono::milliseconds answer_within = std::chrono::seconds(10);
  std::chrono::milliseconds reopen_after{100};  // after it was deposed
  // Other processes own partitions, too: what comes while it is not open is refused with kDeposed,
  // and deposed it stays closed.
  bool shared = false;
  CommitterOptions committer;
};

// What happens in a partition, told on its loop.
class PartitionEvents {
 public:
  virtual ~PartitionEvents() = default;
  // Committed entries of one feed, in order.
  virtual void on_published(PartitionId partition, const FeedId& feed,
                            std::span<const EntryPtr> entries) = 0;
  virtual void on_feed_reset(PartitionId partition, const FeedId& feed,
                             const Incarnation& incarnation) = 0;
  virtual void on_open(PartitionId partition) = 0;
  virtual void on_closed(PartitionId partition) = 0;  // deposed: what it said may be outdated
};

// What a partition works with; all of it outlives the partition.
struct PartitionParts {
  PartitionStore& store;
  LaneTransport& lanes;
  PartitionEvents& events;
  LaneEffect effect;
};

// How many operations of a partition wait; the gauge shows the sum over all partitions.
class PendingCount final {
 public:
  explicit PendingCount(Gauge& gauge) : gauge_(gauge) {}
  PendingCount(const PendingCount&) = delete;
  PendingCount& operator=(const PendingCount&) = delete;
  ~PendingCount() { gauge_.add(-static_cast<std::int64_t>(count_)); }

  void add() {
    ++count_;
    gauge_.add(1);
  }
  void take() {
    --count_;
    gauge_.add(-1);
  }
  std::size_t count() const { return count_; }

 private:
  Gauge& gauge_;
  std::size_t count_ = 0;
};

// Loop-bound.
class Partition final {
 public:
  Partition(PartitionId id, Environment environment, PartitionParts parts,
            PartitionOptions options);
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  PartitionId id() const { return id_; }

  // Takes over and gets ready to serve; fails where a retry cannot help. Deposed later, it takes
  // over again by itself, unless it is shared. While it is closed.
  void open(Callback<void> done);
  // Refuses what is not gathered yet, waits for the commits under way, but not for a store that
  // does not answer. Then it may be opened again.
  void close(Callback<void> done);
  bool closed() const { return state_ == State::kClosed; }

  // `done` runs on a later turn.
  template <typename Reply>
  void run(WorkClass work_class, Work<Reply> work, Callback<Reply> done) {
    submit(make<Reply>(work_class, std::move(work), std::move(done)));
  }
  // The same; the answer also waits for a read of the head, begun after the run, that says we own
  // the partition still. For numbers that go into another partition's record.
  template <typename Reply>
  void run_confirmed(Work<Reply> work, Callback<Reply> done) {
    OperationPtr operation = make<Reply>(WorkClass::kRead, std::move(work), std::move(done));
    operation->confirm = true;
    submit(std::move(operation));
  }

  // Committed rows as stored, page by page; for maintenance: rows not yet committed are missing.
  void scan(ScanRequest request, Callback<std::vector<Row>> done);

  void receive(LaneMessage message);
  void receive(LaneConfirm confirm);
  // Once lane item `number` is taken (0: at once).
  void when_taken(PartitionId to, LaneNumber number, Callback<void> done);

  std::size_t pending() const { return pending_.count(); }
  // Items made here that their targets have not taken yet.
  std::size_t lane_items() const { return sender_.total(); }
  Position position() const { return committer_.position(); }

 private:
  enum class State { kClosed, kOpening, kOpen, kClosing };

  // What a batch holds back until it is committed.
  struct Held {
    BatchNumber number = 0;
    std::vector<OperationPtr> operations;
    std::vector<LaneItem> items;
    std::vector<Published> published;
    std::vector<Task> tasks;
  };
  struct Gathering : Held {
    // Keys; values are in the cache. Walked through, so of an order that does not change from one
    // process to the next: the simulation repeats a seed by it.
    std::unordered_map<Bytes, std::optional<Timestamp>> rows;
    std::size_t bytes = 0;
    bool lanes_changed = false;
    bool empty() const { return rows.empty() && !lanes_changed; }
  };
  struct Parked {
    OperationPtr operation;
    std::size_t missing = 0;
  };
  struct Load {
    std::vector<std::shared_ptr<Parked>> waiting;  // shared: waits for several keys
    bool overwritten = false;                      // while it was under way
  };

  template <typename Reply>
  static OperationPtr make(WorkClass work_class, Work<Reply> work, Callback<Reply> done) {
    auto operation = std::make_unique<WorkOperation<Reply>>(std::move(work), std::move(done));
    operation->work_class = work_class;
    return operation;
  }

  // partition.cc: the way of an operation
  void submit(OperationPtr operation);
  bool has_room(WorkClass work_class) const;
  void wake();
  void pump();
  OperationPtr next();
  bool batch_has_room(WorkClass work_class) const;
  void run_now(OperationPtr operation);
  void apply(Transaction& transaction);
  void hold(OperationPtr operation, BatchNumber until);
  void finish(OperationPtr operation);
  void refuse(OperationPtr operation, Error error);
  void confirm(OperationPtr operation);
  void confirm_for_reads();

  // partition_load.cc: rows that are not in memory
  void park(OperationPtr operation, std::vector<Bytes> keys);
  void start_loads();
  void loaded(std::vector<Bytes> keys, Result<std::vector<std::optional<Bytes>>> values);
  void load_failed(const Bytes& key, const Error& error);
  void unpark(const std::vector<std::shared_ptr<Parked>>& waiting);
  void note_damage(const Error& error);

  // partition_commit.cc: batches, ownership, lanes
  void flush();
  Batch make_batch();
  void committed(Result<Settled> settled);
  void release(Held held);
  void publish(std::vector<Published>& published);
  void step_down(Error for_gathered);
  void forget();
  Error not_open() const;
  Error another_owner() const;
  void refuse_all(std::vector<OperationPtr>& operations, const Error& error);
  void reopen();
  void opened(Result<Head> head);
  void open_failed(const Error& error);
  void load_lanes(Bytes from);
  void ready();
  void try_closed();
  void arm_tick();
  void tick();

  const PartitionId id_;
  Environment environment_;
  PartitionParts parts_;
  const PartitionOptions options_;
  Logger log_;
  Counter& commits_;
  Counter& refused_;
  Counter& damaged_;
  Histogram& commit_seconds_;

  State state_ = State::kClosed;
  std::uint64_t ownership_ = 0;  // answers of the store to an earlier one are dropped
  Committer committer_;
  RowCache cache_;
  LaneNumbers lanes_;            // with what is gathered
  BatchNumber lanes_batch_ = 0;  // that changed them last
  LaneSender sender_;
  std::vector<bool> receiving_;  // by source: an operation takes items now

  std::array<std::deque<OperationPtr>, kWorkClasses> queues_;
  std::uint64_t arrivals_ = 0;  // of operations, ever
  PendingCount pending_;        // queued, parked and held
  bool pump_posted_ = false;
  bool stalled_ = false;  // the commit under way has been without an answer for long
  bool confirming_ = false;
  MonotonicTime confirmed_at_{};

  Gathering gathering_;
  std::optional<Held> in_flight_;
  MonotonicTime flushed_at_{};
  BatchNumber committed_ = 0;
  std::unordered_map<Bytes, Load> loads_;  // as Gathering::rows
  std::vector<Bytes> to_load_;
  absl::flat_hash_set<std::string> damages_;  // logged

  bool tick_armed_ = false;
  Callback<void> open_done_;
  std::vector<Callback<void>> close_done_;
  LoopGuard guard_;
};

}  // namespace longwire::middle
