#pragma once

// PartitionStore: where partitions keep their logs and the rows derived from them.
//
// A partition is a sequence of batches, each committed at the next position or not at all. The
// condition is on the partition's head, a small record that never expires. Whoever opens a
// partition takes it over by a commit of its own; from then on every commit of the former writer
// fails. That alone is what makes the system right: leases and hashing only make it fast
// (docs/ARCHITECTURE.md).
//
// Rows are key-value pairs, local to a partition, ordered by key bytes. They become readable no
// later than the commit's answer. A back end knows no business rule: it looks neither into keys nor
// values.
//
// Shaped by the weakest back end (HBase through its gateway): no transaction over several
// partitions, one conditional call a commit, batched reads, answers that may be lost.
//
// Threads: calls from any thread; callbacks run on a thread of the store's choosing, never inside
// the call. Limits: one commit in flight per partition; a batch holds at most kBatchBytesMax.
// Errors: kUnavailable and kDeadlineExceeded may be retried (a commit: with the same bytes at the
// same position); kCorrupt may not.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/function.h"
#include "middle/model/ids.h"
#include "middle/ports/storage_info.h"

namespace longwire::middle {

using Position = std::uint64_t;                               // 0: nothing committed yet
using WriterId = NamedType<std::string, struct WriterIdTag>;  // random, new for every open

inline constexpr std::size_t kBatchBytesMax = 8 * 1024 * 1024;

struct Head {
  Position position = 0;
  WriterId writer;
  Timestamp stamp;  // of the last batch; only rises, whatever clocks do
  Bytes state;      // the owner's: lane numbers and the like
  // Who was before the present writer, and how far it came: lets a deposed writer settle its last
  // commit.
  WriterId previous_writer;
  Position previous_position = 0;
};

struct RowWrite {
  Bytes key;
  std::optional<Bytes> value;        // empty: removed
  std::optional<Timestamp> expires;  // the row may vanish after it, not before
};

struct Batch {
  Timestamp stamp;             // > the head's
  Bytes state;                 // replaces the head's
  std::vector<RowWrite> rows;  // a key at most once
};

// Shared: whoever commits keeps it to repeat the call, while the store works on it elsewhere.
using BatchPtr = std::shared_ptr<const Batch>;

enum class CommitOutcome {
  kDone,
  kDeposed,  // the head is not where this writer left it: see head() to learn whether the batch is
             // in
};

struct Row {
  Bytes key;
  Bytes value;
  // As it was written; to the millisecond, and 1 ms after 1970 for what was at or before it. A row
  // that has expired may still be there: whoever reads checks.
  std::optional<Timestamp> expires = std::nullopt;
};

// What every back end makes of an expiry.
inline std::optional<Timestamp> stored_expiry(std::optional<Timestamp> expires) {
  if (expires && expires->ms < 1) expires->ms = 1;
  return expires;
}

struct ScanRequest {
  Bytes from;  // inclusive
  Bytes to;    // exclusive
  std::size_t rows_max = 100;
  std::size_t bytes_max = 1024 * 1024;  // at least one row comes, whatever its size
  bool reverse = false;                 // from `to` downwards
};

// Thread-safe.
class PartitionStore {
 public:
  virtual ~PartitionStore() = default;

  // Fixed at `storage init`.
  virtual const StorageInfo& info() const = 0;

  // Commits a takeover record at the next position for `writer` and answers with the new head.
  virtual void open(PartitionId partition, WriterId writer, Callback<Head> done) = 0;

  // Commits at `position`, which must be the head's + 1 with `writer` still its writer.
  // kUnavailable or kDeadlineExceeded: unknown; repeat the same call, or settle by head().
  virtual void commit(PartitionId partition, const WriterId& writer, Position position,
                      BatchPtr batch, Callback<CommitOutcome> done) = 0;

  // The head as stored now.
  virtual void head(PartitionId partition, Callback<Head> done) = 0;

  // One answer per key, in order; empty where there is no row.
  virtual void get(PartitionId partition, std::vector<Bytes> keys,
                   Callback<std::vector<std::optional<Bytes>>> done) = 0;

  virtual void scan(PartitionId partition, ScanRequest request,
                    Callback<std::vector<Row>> done) = 0;
};

}  // namespace longwire::middle
