#pragma once

// SimStore: a PartitionStore that does all that its port allows: answers late, not at all (the call
// may have been done, may be done later, or never), says deposed because somebody else took over,
// and survives its users. The data is apart (SimStorage), so that a crash of the middle leaves it.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "middle/ports/partition_store.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

struct SimPartition {
  struct Stored {
    Bytes value;
    std::optional<Timestamp> expires;
  };
  middle::Head head;
  std::map<Bytes, Stored> rows;
};

// What is stored. Loop-bound to the simulation.
class SimStorage final {
 public:
  SimStorage(SimWorld& world, std::uint16_t partitions);

  struct Faults {
    double request_lost = 0;  // not done; no answer but kDeadlineExceeded
    double answer_lost = 0;   // done; no answer but kDeadlineExceeded
    double refused = 0;       // kUnavailable, not done
    double slow = 0;          // up to 400 ms
    double zombie = 0;        // kDeadlineExceeded is answered first, then it is done
  };
  void set_faults(const Faults& faults) { faults_ = faults; }

  // What a middle with a fault would leave here; planted by the storage, so that none of it is in
  // the product.
  struct Planted {
    bool ignore_position = false;  // commits are taken whatever their position and writer
    bool cursor_falls = false;     // now and then a cursor's row keeps its old value
    bool number_twice = false;     // … a feed's last number does
    bool lane_item_twice = false;  // … the numbers of the lane items taken do
  };
  void plant(const Planted& planted) { planted_ = planted; }
  // Takes a partition over as somebody else would, who then does nothing.
  void intrude(middle::PartitionId partition);

  const middle::StorageInfo& info() const { return info_; }
  const SimPartition& partition(middle::PartitionId id) const { return partitions_.at(id); }
  std::uint64_t commits() const { return commits_; }

 private:
  friend class SimStore;
  middle::Head take_over(SimPartition& partition, const middle::WriterId& writer);
  middle::CommitOutcome commit(SimPartition& partition, const middle::WriterId& writer,
                               middle::Position position, const middle::Batch& batch);
  bool spoils(BytesView key);
  void spoil_lanes(Bytes& state, const Bytes& before);

  SimWorld& world_;
  middle::StorageInfo info_;
  std::vector<SimPartition> partitions_;
  Faults faults_;
  Planted planted_;
  std::uint64_t commits_ = 0;
};

// One user's access. Loop-bound to the simulation; `storage` and `executor` outlive it and whatever
// is under way.
class SimStore final : public middle::PartitionStore {
 public:
  SimStore(SimWorld& world, SimStorage& storage, Executor& executor)
      : world_(world), storage_(storage), executor_(executor) {}

  const middle::StorageInfo& info() const override { return storage_.info(); }
  void open(middle::PartitionId partition, middle::WriterId writer,
            Callback<middle::Head> done) override;
  void commit(middle::PartitionId partition, const middle::WriterId& writer,
              middle::Position position, middle::BatchPtr batch,
              Callback<middle::CommitOutcome> done) override;
  void head(middle::PartitionId partition, Callback<middle::Head> done) override;
  void get(middle::PartitionId partition, std::vector<Bytes> keys,
           Callback<std::vector<std::optional<Bytes>>> done) override;
  void scan(middle::PartitionId partition, middle::ScanRequest request,
            Callback<std::vector<middle::Row>> done) override;

 private:
  // `work` is done at the storage after a while, the answer comes after another.
  template <typename T, typename Work>
  void call(Callback<T> done, Work work);
  template <typename T>
  void answer(std::shared_ptr<Callback<T>> done, Result<T> result);
  std::chrono::milliseconds latency();

  SimWorld& world_;
  SimStorage& storage_;
  Executor& executor_;
};

}  // namespace longwire::sim
