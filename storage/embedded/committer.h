#pragma once

// Committer: the one thread that writes. It takes what waits, checks each call against the heads,
// writes all of it at once, and answers. Private to this folder.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "base/guarded.h"
#include "base/log.h"
#include "middle/ports/partition_store.h"
#include "storage/embedded/embedded_store.h"
#include "storage/embedded/rocks_database.h"

namespace longwire::storage {

// Thread-safe. Callbacks run on its thread.
class Committer final {
 public:
  // `heads` as read from `database`, one a partition. All references outlive it.
  Committer(RocksDatabase& database, const EmbeddedStoreOptions& options,
            std::vector<middle::Head> heads, const Clock& clock, LogSink& log);
  // Answers what is queued, then ends.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  void open(middle::PartitionId partition, middle::WriterId writer, Callback<middle::Head> done);
  void commit(middle::PartitionId partition, const middle::WriterId& writer,
              middle::Position position, middle::BatchPtr batch,
              Callback<middle::CommitOutcome> done);

  // Where a failed write has not been settled this tries to, on the committer's thread; otherwise
  // it answers inside the call.
  void head(middle::PartitionId partition, Callback<middle::Head> done);

  // Runs `task` on the committer's thread: no commit runs meanwhile. Blocks until it has.
  Status run_between_groups(UniqueFunction<Status()> task);

 private:
  // A takeover, a commit, a look at the head, or (with `task`) something to do between groups.
  struct Request {
    middle::PartitionId partition = 0;
    middle::WriterId writer;
    middle::Position position = 0;
    middle::BatchPtr batch;
    Callback<middle::Head> opened;
    Callback<middle::CommitOutcome> committed;
    UniqueFunction<void()> task;
    std::size_t bytes = 0;
    bool only_head = false;  // `opened` gets the head as it is
    bool refused = false;    // the queue was full; the batch is gone

    std::optional<Error> error;  // results, set while it is in a group
    middle::CommitOutcome outcome = middle::CommitOutcome::kDone;
    middle::Head head;
  };
  struct Queue {
    std::deque<Request> waiting;
    std::size_t bytes = 0;
    bool stopping = false;
  };
  // Heads as they will be once the group is written.
  using StagedHeads = std::unordered_map<middle::PartitionId, middle::Head>;

  void enqueue(Request request);
  void run();
  std::vector<Request> next_group();
  void write_group(std::vector<Request>& group);
  void stage(Request& request, StagedHeads& heads, rocksdb::WriteBatch& batch);
  static bool stage_open(Request& request, middle::Head& head);
  bool stage_commit(Request& request, middle::Head& head) const;
  void put_rows(middle::PartitionId partition, const middle::Batch& rows,
                rocksdb::WriteBatch& batch);
  Status settle();
  void fail(std::vector<Request>& group, const Error& error) const;
  static void answer(Request& request);

  RocksDatabase& database_;
  const EmbeddedStoreOptions& options_;
  const Clock& clock_;
  const Logger log_;

  struct Heads {
    std::vector<middle::Head> all;
    bool known = true;  // false: a write failed, what is stored is open
  };
  Guarded<Heads> heads_;  // written by the committer's thread alone
  Guarded<Queue> queue_;
  std::condition_variable changed_;

  // The committer thread's own.
  std::optional<MonotonicTime> last_settle_;
  Bytes key_buffer_;
  Bytes value_buffer_;

  std::thread thread_;  // last: starts when all else is there
};

// All heads of a database of `partitions`.
Result<std::vector<middle::Head>> read_heads(const RocksDatabase& database,
                                             std::uint16_t partitions);

}  // namespace longwire::storage
