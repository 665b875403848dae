#pragma once

// Transaction: one run of an operation over a partition's rows.
//
// An operation is a plain function from rows to a reply. Where it asks for a row that is not in
// memory, get() answers "none" and notes the key; the engine then loads every key so noted and runs
// the operation again from its start. No write, message or reply of an incomplete run survives, and
// so an operation has no callbacks: it must only have no effects but through its Transaction, and
// get along with absent rows.
//
// What a complete run wrote is visible to the next operation at once, and in the store with the
// batch it was gathered into; everything that is to be heard outside waits for that batch's commit.

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/function.h"
#include "base/random.h"
#include "middle/model/ids.h"
#include "middle/model/message.h"
#include "middle/partition/lane_numbers.h"
#include "middle/partition/row_cache.h"
#include "middle/ports/partition_store.h"

namespace longwire::middle {

class Transaction;

struct LaneItem {
  PartitionId to = 0;
  LaneNumber number = 0;
  Bytes payload;
};

struct Published {
  FeedId feed;
  EntryPtr entry;           // null: the feed begins anew
  Incarnation incarnation;  // then: as this
};

// Does what a lane item says; a rejection is an effect, too. Makes no further items.
using LaneEffect = std::function<void(Transaction&, BytesView payload)>;

// The key of an item that waits to be taken: "l" to:u16 number:u64.
Bytes lane_item_key(PartitionId to, LaneNumber number);

// Loop-bound; lives for one run.
class Transaction final {
 public:
  // What the partition lends to a run; all of it outlives the run.
  struct Context {
    RowCache& cache;
    const LaneNumbers& lanes;
    BatchNumber lanes_batch = 0;                   // that changed `lanes` last
    const std::vector<std::size_t>& lane_waiting;  // by target: items not yet taken
    std::size_t lane_items_max = 0;
    const LaneEffect& effect;
    Random& random;
    Timestamp now;
    PartitionId partition = 0;
    std::uint16_t partitions = 1;
    Position position = 0;
  };
  explicit Transaction(const Context& context) : context_(context) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Null: no such row. Good until the run's next write of the same key.
  const Bytes* get(BytesView key);
  // The last write of a key wins. `expires`: the row may vanish after it.
  void put(Bytes key, Bytes value, std::optional<Timestamp> expires = std::nullopt);
  void remove(Bytes key);

  // Never before an earlier batch's stamp, whatever the clock does.
  Timestamp now() const { return context_.now; }
  // Draws the same in each run of an operation.
  Random& random() { return context_.random; }
  PartitionId partition() const { return context_.partition; }
  PartitionId home(std::uint16_t hash) const { return partition_of(hash, context_.partitions); }
  // At which this run will be committed.
  Position position() const { return context_.position; }

  // Is there room for one more item to `to`? What was accepted must fit, so ask before accepting.
  bool lane_has_room(PartitionId to) const;
  // Has `payload` take effect in `to`, once and in order: at once where that is this partition.
  // Answers the item's number; 0 where it took effect.
  LaneNumber send(PartitionId to, Bytes payload);
  // True where `number` is the next of the lane from `from`: it counts as taken then.
  bool take(PartitionId from, LaneNumber number);
  LaneNumber taken(PartitionId from);

  // Told to those who follow the feed, after the commit.
  void publish(FeedId feed, EntryPtr entry) {
    published_.push_back({std::move(feed), std::move(entry), {}});
  }
  void publish_reset(FeedId feed, Incarnation incarnation) {
    published_.push_back({std::move(feed), nullptr, std::move(incarnation)});
  }
  // Runs when the commit is done; not where it failed.
  void after_commit(Task task) { after_commit_.push_back(std::move(task)); }

  // False: some row was not in memory; nothing of this run counts.
  bool complete() const { return missing_.empty(); }

 private:
  friend class Partition;

  const LaneNumbers& lanes() const { return changed_lanes_ ? *changed_lanes_ : context_.lanes; }
  LaneNumbers& change_lanes();
  void write(RowWrite write);
  bool has_writes() const { return !writes_.empty() || changed_lanes_.has_value(); }

  Context context_;
  std::deque<RowWrite> writes_;  // a deque: index_ borrows its keys
  absl::flat_hash_map<BytesView, RowWrite*> index_;
  std::vector<Bytes> missing_;
  BatchNumber depends_on_ = 0;  // the newest batch that wrote what was read
  std::optional<LaneNumbers> changed_lanes_;
  std::vector<LaneItem> items_;
  std::vector<Published> published_;
  std::vector<Task> after_commit_;
};

}  // namespace longwire::middle
