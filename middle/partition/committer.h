#pragma once

// Committer: gets a batch into a partition's log at the next position, or learns that it is not
// there.
//
// A commit without an answer is repeated, same bytes, same position, until the head has moved. A
// refusal is settled by reading the head: it may be our own first try that got in. So the answer to
// commit() is a fact, not a guess; it may take as long as the store does not answer.

#include <chrono>
#include <memory>

#include "base/environment.h"
#include "base/function.h"
#include "middle/partition/loop_guard.h"
#include "middle/ports/partition_store.h"

namespace longwire::middle {

enum class Settled {
  kDone,         // the batch is in the log, and we still are its writer
  kDoneDeposed,  // it is in the log, and somebody else is its writer now
  kDeposed,      // it is not in the log and never will be
  kUnknown,      // somebody else is the writer, and what became of the batch cannot be told
};

struct CommitterOptions {
  std::chrono::milliseconds backoff_min{10};
  std::chrono::milliseconds backoff_max{1000};
};

// Loop-bound. One commit at a time.
class Committer final {
 public:
  Committer(PartitionId partition, Environment environment, PartitionStore& store,
            CommitterOptions options);

  // Takes the partition over as a new writer; repeated until the store answers, but for errors that
  // a retry cannot cure. Afterwards what an earlier ownership had under way is forgotten.
  void open(Callback<Head> done);

  // `batch.stamp` and `.rows` are kept until settled. An Error: the store refused it for good
  // (kResourceExhausted, kCorrupt, …); only open() leads on from there.
  void commit(Batch batch, Callback<Settled> done);

  // Is this writer the partition's, by a read of the head begun now? An Error: not known.
  void confirm(Callback<bool> done);

  Position position() const { return position_; }  // of the last settled commit
  Timestamp stamp() const { return stamp_; }       // its time stamp
  // Since when the commit under way is without an answer; empty: none is.
  std::optional<MonotonicTime> unanswered_since() const;

 private:
  struct Pending {
    BatchPtr batch;
    Callback<Settled> done;
    MonotonicTime since{};
  };
  void try_open();
  void try_commit();
  void settle();
  void judge(const Head& head);
  void finish(Result<Settled> outcome);
  // A later turn, after a pause that grows with each failure.
  void again(void (Committer::*step)());
  template <typename T, typename F>
  Callback<T> answer(F function);

  const PartitionId partition_;
  Environment environment_;
  PartitionStore& store_;
  const CommitterOptions options_;
  Logger log_;
  WriterId writer_;
  std::uint64_t ownership_ = 0;  // answers to an earlier one are dropped
  Position position_ = 0;
  Timestamp stamp_;
  std::chrono::milliseconds backoff_;
  Callback<Head> opening_;
  std::unique_ptr<Pending> pending_;
  LoopGuard guard_;
};

}  // namespace longwire::middle
