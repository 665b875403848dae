#pragma once

// ClusterPeers: the PeerService over all middle nodes, this one among them: a step goes to
// whichever owns its partition.

#include <functional>
#include <memory>
#include <set>

#include "base/environment.h"
#include "middle/cluster/node_links.h"
#include "middle/cluster/owner_router.h"

namespace longwire::middle::cluster {

struct ClusterPeersParts {
  NodeAddress self;
  Dialer& dialer;  // outlives it
  std::uint16_t partitions = 0;
  // Another node took over what this one owns, and says so before a commit of ours can.
  std::function<void(PartitionId)> overtaken;
};

// Loop-bound to environment.executor.
class ClusterPeers final : public PeerService, public NodeLinksListener {
 public:
  ClusterPeers(const Environment& environment, ClusterPeersParts parts,
               const NodeLinksOptions& options = {});

  // What is owned here is asked of `local`, which outlives it.
  void set_local(PeerService& local) { router_.connected(kHere, local, {}); }
  void claim(const PartitionClaim& claim);
  void set_members(const std::vector<NodeAddress>& members);
  // All other members give these up, and who is leaving. Asked once all of them are linked: a
  // member that cannot be reached is for the caller's patience, and asked no more after 2 seconds.
  void ask_for(const std::vector<PartitionId>& partitions, Callback<void> done);

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
  void apps_changed(Callback<void> done) override;
  void feed_began_anew(FeedId feed) override;

  void on_link(const LinkedNode& node, const wire::Welcome& welcome) override;
  void on_link_lost(const NodeAddress& node) override;
  void on_owners(const NodeAddress& node, const OwnerView& view) override;
  void on_message(const NodeAddress&, remote::IncomingMessage&) override {}

 private:
  inline static const NodeAddress kHere;

  CallKind at(std::uint16_t home) const {
    return {.partition = partition_of(home, owners_.partitions())};
  }
  CallKind at(const std::vector<RegId>& registrations) const;
  CallKind for_holder(const HolderChange& change) const;
  bool all_linked() const;
  void ask_waiting();
  template <typename Tell>
  void tell_others(Tell tell);

  Executor& loop_;
  const Logger log_;
  const std::function<void(PartitionId)> overtaken_;
  const NodeAddress self_;
  struct Ask {
    std::vector<PartitionId> partitions;
    Callback<void> done;
    MonotonicTime until{};  // then nobody waits for it
  };
  const Clock& clock_;
  std::vector<NodeAddress> members_;
  std::set<NodeAddress> leaving_;  // no members any more, and owners still
  std::vector<Ask> asks_;          // until all are linked
  OwnerTable owners_;
  OwnerRouter<PeerService> router_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // watched by what is posted
  NodeLinks links_;  // last: its connections answer through the others
};

}  // namespace longwire::middle::cluster
