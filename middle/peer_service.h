#pragma once

// PeerService: what middle nodes ask of each other: steps of a call whose partition is another
// node's. Each is one run in one partition, or more of them that only its owner can take, and may
// be repeated.
//
// Threads, lifetime: as Service. Errors: kDeposed: nothing was done, the partition is another's;
// else as Service.

#include <cstdint>
#include <vector>

#include "base/function.h"
#include "middle/model/ids.h"
#include "middle/partition/lane_sender.h"
#include "middle/registry/names.h"
#include "middle/target/accept.h"
#include "middle/target/trace.h"

namespace longwire::middle {

// A feed as its owner knows it.
struct FeedState {
  FeedNumber tail = 0;
  Incarnation incarnation;  // empty: the storage's
};

struct ResolveRequest {
  AppId app;
  std::vector<PackageName> packages;
  std::vector<RegId> registrations;  // of one partition
};

struct HolderChange {
  NameId name;
  RegId holder;
  std::size_t holders_max = 1;  // of a name that is set: beyond it the oldest lose it
  bool evicted = false;         // of one that is taken away: the device is told
  // Since which takeover the asker owns the holder's partition; 0: alone. Calls of an owner that
  // come after its successor's do nothing (kUnavailable).
  Position asked_since = 0;
};

struct DevicePageRequest {
  PartitionId partition = 0;
  DeviceId after;
  std::size_t limit = 0;
};

// Loop-bound.
class PeerService {
 public:
  virtual ~PeerService() = default;

  // Confirmed: the answer waits for a read of the head, begun after the run.
  virtual void feed_state(FeedId feed, Callback<FeedState> done) = 0;
  // A cursor above its tail proves that storage went back: it begins a new incarnation, unless it
  // has one.
  virtual void reset_feed(FeedId feed, FeedNumber cursor, Callback<FeedState> done) = 0;

  virtual void resolve(ResolveRequest request, Callback<Resolved> done) = 0;
  virtual void holders(NameId name, Callback<std::vector<RegId>> done) = 0;
  // Whether it is one of them. Where an asker is named, confirmed: the answer waits for a read of
  // the head, begun after the run.
  virtual void holds(HolderChange change, Callback<bool> done) = 0;
  // Answered once the registration's own partition knows.
  virtual void set_holder(HolderChange change, Callback<void> done) = 0;
  virtual void unset_holder(HolderChange change, Callback<void> done) = 0;
  // Of a registration that has ended: nobody is to be told.
  virtual void drop_holder(NameId name, RegId holder, Callback<void> done) = 0;

  // Of registrations of one partition.
  virtual void trace_copies(MessageId id, std::vector<RegId> registrations,
                            Callback<std::vector<TraceCopy>> done) = 0;
  virtual void trace_readers(SharedEntry entry, std::vector<RegId> registrations,
                             Callback<std::vector<TraceCopy>> done) = 0;
  // In order. A page may be cut before its limit: only an empty one is the end.
  virtual void devices(DevicePageRequest request, Callback<std::vector<DeviceId>> done) = 0;

  // Of a certain node, by the one that is to own them: gives them up, once what is on its way there
  // is committed.
  virtual void give_up(std::vector<PartitionId> partitions, Callback<void> done) = 0;

  // Lanes: as LaneTransport, which may lose what it carries.
  virtual void lane(LaneMessage message) = 0;
  virtual void lane_taken(LaneConfirm confirm) = 0;

  // News to every node: what it remembers of apps is not so any more; answered once it knows.
  virtual void apps_changed(Callback<void> done) = 0;
  // The same of a feed. May get lost.
  virtual void feed_began_anew(FeedId feed) = 0;
};

}  // namespace longwire::middle
