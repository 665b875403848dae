#pragma once

// PartitionLog: one partition as this process sees it. It takes over, commits by one conditional
// put a batch, and keeps over the table what is not yet derived.
//
// It owns the partition as long as it knows the head as stored and who wrote it last is its writer.
// After an answer that did not come it knows neither, and reads the log before it goes on.

#include <deque>
#include <optional>
#include <utility>

#include "base/guarded.h"
#include "base/metrics.h"
#include "middle/ports/partition_store.h"
#include "storage/hbase/derived_rows.h"
#include "storage/hbase/log_reader.h"
#include "storage/hbase/overlay.h"

namespace longwire::storage::hbase {

// Batches to derive: what lies below `below` is to be in the table when it is done.
struct Underived {
  LoggedBatches batches;
  std::size_t rows = 0;   // of them
  std::size_t bytes = 0;  // encoded
  middle::Position below = 0;
};

// Thread-safe, but for open() and commit(): one of them at a time. These block.
class PartitionLog final {
 public:
  // All references outlive it. `info`: of the storage as it was opened.
  PartitionLog(middle::PartitionId partition, const Options& options,
               const middle::StorageInfo& info, Metrics& metrics)
      : partition_(partition),
        options_(options),
        info_(info),
        reader_(options, partition),
        underived_(metrics.gauge("longwire_hbase_underived_batches",
                                 "Batches committed, and not in the table of rows yet.")) {}

  middle::PartitionId partition() const { return partition_; }
  const LogReader& reader() const { return reader_; }
  bool owned() const { return state_.lock()->owned; }

  Result<middle::Head> open(Link& link, const middle::WriterId& writer);
  Result<middle::CommitOutcome> commit(Link& link, const middle::WriterId& writer,
                                       middle::Position position, const middle::BatchPtr& batch);

  // Answers `look(overlay)`. What it does not hold is in the table from now on. Where the partition
  // is not ours the log is read for it.
  template <typename Look>
  auto over(Link& link, Look look) -> Result<decltype(look(std::declval<const Overlay&>()))> {
    {
      const auto state = state_.lock();
      if (state->owned) return look(state->overlay);
    }
    auto log = reader_.log(link);
    if (!log) return std::move(log).error();
    Overlay overlay;
    for (const LoggedBatch& logged : log->batches) overlay.add(logged.position, logged.batch);
    return look(overlay);
  }

  // The oldest batches to derive, at most so many rows and bytes but at least one; nothing while
  // others are being derived.
  std::optional<Underived> take_underived(std::size_t rows_max, std::size_t bytes_max);
  // They are in the table, or not. True: there is more to derive.
  bool derived(const Underived& batches, bool in_table);

 private:
  struct State {
    bool owned = false;
    StoredHead head;
    std::deque<LoggedBatch> batches;  // positions head.log.underived to the head's
    middle::Position derived_below = 1;
    std::size_t underived_bytes = 0;
    Overlay overlay;
    bool deriving = false;
  };

  // Owns the partition where its stored writer is `writer`.
  Status settle(Link& link, const middle::WriterId& writer);
  void count(const State& state);
  void own(StoredLog log);
  void disown();
  // What is to be answered without asking HBase; empty: commit.
  std::optional<Result<middle::CommitOutcome>> judge(const middle::WriterId& writer,
                                                     middle::Position position,
                                                     const middle::Batch& batch) const;
  Status admit(const State& state, const middle::Batch& batch) const;
  // False: refused, the head is not as we know it.
  Result<bool> put_batch(Link& link, const middle::BatchPtr& batch);
  Result<bool> take_over(Link& link, const middle::WriterId& writer, const StoredHead& stored);
  Status derive_all(Link& link, const StoredLog& log) const;

  const middle::PartitionId partition_;
  const Options& options_;
  const middle::StorageInfo& info_;
  const LogReader reader_;
  Guarded<State> state_;
  GaugeShare underived_;  // while `state_` is held
};

}  // namespace longwire::storage::hbase
