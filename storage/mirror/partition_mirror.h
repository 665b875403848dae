#pragma once

// PartitionMirror: copies in Redis of one partition's rows, for the process that owns it. What it
// answers is the value of the last commit it was told of, or nothing. Private to this folder.
//
// Only the owner changes rows, so only it writes copies, each write on condition that the seal is
// the one it left (mirror_format.h). Where a write, or a commit's outcome, is in doubt, the copies
// are given up: a new generation begins, empty. A read counts only with the seal of the last write
// sent before it. So late writers, lost writes and servers restored from the past make it forget,
// never lie.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/clock.h"
#include "base/random.h"
#include "middle/ports/partition_store.h"
#include "storage/mirror/mirror.h"
#include "storage/mirror/mirror_format.h"
#include "storage/mirror/mirror_health.h"
#include "storage/mirror/mirror_metrics.h"

namespace longwire::storage::mirror {

// What all partitions of a process share; all of it outlives them.
struct MirrorWorld {
  redis::Router& router;
  const Options& options;
  const middle::StorageInfo& info;
  WorthCopying worth_copying;
  const Clock& clock;
  Random& random;
  MirrorNews& news;
  MirrorMetrics& metrics;
};

// What the mirror knows of a row.
struct Copy {
  bool known = false;
  std::optional<Bytes> value;  // empty: the row is known to be absent
};

// Loop-bound. Shared with the answers it waits for, which may come after the end of its world: they
// find it closed.
class PartitionMirror final : public std::enable_shared_from_this<PartitionMirror> {
 public:
  PartitionMirror(middle::PartitionId partition, const MirrorWorld& world);
  PartitionMirror(const PartitionMirror&) = delete;
  PartitionMirror& operator=(const PartitionMirror&) = delete;

  // Before the end of its world. Reads that wait are answered with nothing known.
  void close();
  // Lets go of it once every write is answered.
  void hold_until_written(std::shared_ptr<void> held);

  // ---- what becomes of the partition ----
  // Whatever comes of it: what we have is not ours. Of several openings the last one called counts.
  void opening(const middle::WriterId& writer);
  void opened(const middle::WriterId& writer, const middle::Head& head);
  // Before the store is asked to commit, and with its answer.
  void committing(const middle::WriterId& writer, middle::Position position,
                  middle::BatchPtr batch);
  void committed(const middle::WriterId& writer, middle::Position position);
  // Whether the commit is in, or will be, is not known: its rows are, until it is.
  void in_doubt(const middle::WriterId& writer);
  void deposed(const middle::WriterId& writer);
  // As stored now: it may tell what became of a commit in doubt.
  void head_seen(const middle::Head& head);

  // ---- reads ----
  // One copy per key, in order. `done` runs before read() returns where Redis is not asked.
  using CopiesDone = UniqueFunction<void(std::vector<Copy>)>;
  void read(const std::vector<Bytes>& keys, CopiesDone done);
  // Nobody waits for a read's answer any more.
  void late();

  // What the store is being asked for, to be copied once it has answered: unless a commit may have
  // changed it meanwhile.
  struct Load {
    std::uint64_t era = 0;
    std::vector<Bytes> keys;
  };
  Load begin_load(std::vector<Bytes> keys);
  // Null: it failed.
  void end_load(const Load& load, const std::vector<std::optional<Bytes>>* values);

 private:
  enum class State {
    kNotOurs,
    kBeginning,  // the seal is on its way
    kMirroring,
    kGivenUp,  // until a new generation begins
  };
  struct Loading {
    int loads = 0;
    bool changed = false;  // by a commit, since the first of them began
  };
  // The commit that the store was asked for last, until its outcome is known.
  struct Commit {
    middle::Position position = 0;
    middle::BatchPtr batch;
    bool doubtful = false;                // it may be in already
    absl::flat_hash_set<BytesView> keys;  // filled when first asked for
  };
  struct Committed {
    middle::Position position = 0;
    middle::BatchPtr batch;
  };

  void enter(State state);
  void leave();
  void settle();
  void begin(const Tenure& before);
  void begun(Generation generation);
  void begin_anew_if_due();
  void give_up();

  bool is_short(const std::optional<Bytes>& value) const;
  void keep_for_later(Committed commit);
  void copy(const Committed& commit);
  void fill(const Write& next);
  std::vector<Copy> judge(const Result<redis::Reply>& answer, const Bytes& seal, std::size_t rows);
  bool is_in_commit(const Bytes& key);
  bool is_in_doubt(const Bytes& key) { return commit_ && commit_->doubtful && is_in_commit(key); }
  // An answer to what was asked in this era, or none.
  template <typename Handler>
  Callback<redis::Reply> in_era(Handler handler);
  void write(redis::Command command, std::size_t bytes, Callback<redis::Reply> done);

  const MirrorWorld& world_;
  const MirrorKeys keys_;

  State state_ = State::kNotOurs;
  std::uint64_t era_ = 0;  // rises whenever copies begin or are given up
  Generation generation_;
  Bytes seal_;                        // that the last write sent will leave
  std::size_t unanswered_ = 0;        // writes
  std::size_t unanswered_bytes_ = 0;  // theirs
  std::vector<std::shared_ptr<void>> held_;
  MonotonicTime begin_not_before_{0};

  middle::WriterId opening_;  // whose opening was asked for last
  Tenure tenure_;
  bool deposed_ = false;  // the store said so; a head may say else
  std::optional<Commit> commit_;
  // While the seal is on its way: to be copied when it is there.
  std::vector<Committed> waiting_;
  std::size_t waiting_bytes_ = 0;
  MirrorHealth health_;
  absl::flat_hash_map<Bytes, Loading> loading_;
};

}  // namespace longwire::storage::mirror
