#pragma once

// LocalPeer: the PeerService of the partitions of this process.

#include <functional>
#include <vector>

#include "base/log.h"
#include "middle/partition/partition.h"
#include "middle/peer_service.h"

namespace longwire::middle {

// What concerns the node as a whole.
struct PeerNews {
  std::function<void(PartitionId, Callback<void>)> give_up;
  std::function<void(Callback<void>)> apps_changed;
  std::function<void(const FeedId&)> feed_began_anew;
};

// Loop-bound to the partitions' executor.
class LocalPeer final : public PeerService {
 public:
  // `partition_at` gives the partitions, which outlive it, as what it refers to does; `count`: of
  // the storage.
  LocalPeer(std::function<Partition&(PartitionId)> partition_at, std::uint16_t count, PeerNews news,
            const Logger& log)
      : partition_at_(std::move(partition_at)),
        count_(count),
        news_(std::move(news)),
        log_(log),
        newest_askers_(count) {}

  void feed_state(FeedId feed, Callback<FeedState> done) override;
  void reset_feed(FeedId feed, FeedNumber cursor, Callback<FeedState> done) override;
  void resolve(ResolveRequest request, Callback<Resolved> done) override;
  void holders(NameId name, Callback<std::vector<RegId>> done) override;
  void holds(HolderChange change, Callback<bool> done) override;
  void set_holder(HolderChange change, Callback<void> done) override;
  void unset_holder(HolderChange change, Callback<void> done) override;
  void drop_holder(NameId name, RegId holder, Callback<void> done) override;
  void trace_copies(MessageId id, std::vector<RegId> registrations,
                    Callback<std::vector<TraceCopy>> done) override;
  void trace_readers(SharedEntry entry, std::vector<RegId> registrations,
                     Callback<std::vector<TraceCopy>> done) override;
  void devices(DevicePageRequest request, Callback<std::vector<DeviceId>> done) override;
  void give_up(std::vector<PartitionId> partitions, Callback<void> done) override;
  void lane(LaneMessage message) override;
  void lane_taken(LaneConfirm confirm) override;
  void apps_changed(Callback<void> done) override { news_.apps_changed(std::move(done)); }
  void feed_began_anew(FeedId feed) override { news_.feed_began_anew(feed); }

 private:
  Partition& at(std::uint16_t home) { return partition_at_(partition_of(home, count_)); }
  bool is_overtaken(const HolderChange& change);
  void await_notice(const NameId& name, Result<NameChanged> changed, Callback<void> done);

  const std::function<Partition&(PartitionId)> partition_at_;
  const std::uint16_t count_;
  const PeerNews news_;
  Logger log_;
  std::vector<Position> newest_askers_;  // HolderChange::asked_since, by the holder's partition
};

}  // namespace longwire::middle
