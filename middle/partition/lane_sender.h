#pragma once

// Lanes carry work between partitions, once and in order. LaneSender is the sending end: it holds
// the items that their targets have not taken yet, and repeats them until they are.
//
// At most one message per lane is under way: the next one, with all that came meanwhile, follows
// the confirmation. Lost and doubled messages do no harm: the receiver takes only the next number.

#include <chrono>
#include <deque>
#include <numeric>
#include <vector>

#include "base/executor.h"
#include "base/function.h"
#include "middle/partition/lane_numbers.h"
#include "middle/partition/transaction.h"

namespace longwire::middle {

struct LaneMessage {
  PartitionId from = 0;
  PartitionId to = 0;
  LaneNumber first = 1;  // of items.front()
  std::vector<Bytes> items;
};

struct LaneConfirm {  // goes back from `to` to `from`
  PartitionId from = 0;
  PartitionId to = 0;
  LaneNumber taken = 0;  // everything up to it took effect, for good
};

// Between partitions. May drop, double, delay and reorder. Never calls back inside the call.
class LaneTransport {
 public:
  virtual ~LaneTransport() = default;
  virtual void send(LaneMessage message) = 0;
  virtual void confirm(LaneConfirm confirm) = 0;
};

// Loop-bound.
class LaneSender final {
 public:
  LaneSender(PartitionId from, std::size_t partitions, LaneTransport& transport);

  // Items as found in the store, or just committed; in the order of their numbers.
  void add(LaneItem item);
  // Sends what is due: every lane without a message under way, and those whose time is over.
  void pump(MonotonicTime now);
  // Answers the items that are now known to be taken: their rows may go.
  std::vector<LaneItem> confirmed(const LaneConfirm& confirm);
  // `done` runs once item `number` of the lane to `to` is taken; kUnavailable: ownership was lost.
  void when_taken(PartitionId to, LaneNumber number, Callback<void> done);
  void clear();

  bool idle() const;
  const std::vector<std::size_t>& waiting() const { return waiting_; }  // by target
  std::size_t total() const { return std::accumulate(waiting_.begin(), waiting_.end(), 0ULL); }
  // Counts items of a batch that is gathered: room is taken when the item is made.
  void reserve(PartitionId to) { ++waiting_[to]; }

 private:
  struct Waiter {
    LaneNumber number = 0;
    Callback<void> done;
  };
  struct Lane {
    std::deque<LaneItem> items;
    std::vector<Waiter> waiters;
    LaneNumber taken = 0;
    bool under_way = false;
    MonotonicTime repeat_at{};
  };
  void send(Lane& lane, MonotonicTime now);

  const PartitionId from_;
  LaneTransport& transport_;
  std::vector<Lane> lanes_;
  std::vector<std::size_t> waiting_;
};

}  // namespace longwire::middle
