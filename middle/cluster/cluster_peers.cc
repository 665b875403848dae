#include "middle/cluster/cluster_peers.h"

#include <algorithm>
#include <utility>

#include "middle/core/gather.h"

namespace longwire::middle::cluster {
namespace {
constexpr std::chrono::milliseconds kAskedWithin{2'000};
}

ClusterPeers::ClusterPeers(const Environment& environment, ClusterPeersParts parts,
                           const NodeLinksOptions& options)
    : loop_(environment.executor),
      log_(environment.log, "cluster"),
      overtaken_(std::move(parts.overtaken)),
      self_(parts.self),
      clock_(environment.clock),
      owners_(parts.partitions),
      router_(environment, owners_),
      links_(environment,
             {.self = NodeId("middle@" + parts.self),
              .skip = parts.self,
              .seeds = {},
              .dialer = parts.dialer,
              .listener = *this},
             options) {}

// ---- who owns what -----------------------------------------------------------------------------

void ClusterPeers::claim(const PartitionClaim& claim) {
  if (owners_.take(kHere, claim)) return router_.owners_changed();
  const auto& owner = owners_.of(claim.partition);
  if (!claim.served || !owner || owner->node == kHere) return;
  // Whoever took it over since has said so before this node's own takeover was answered.
  loop_.post([this, alive = std::weak_ptr<bool>(alive_), partition = claim.partition] {
    if (!alive.expired()) overtaken_(partition);
  });
}

void ClusterPeers::set_members(const std::vector<NodeAddress>& members) {
  members_ = members;
  links_.set_members(self_, members);
  ask_waiting();
}

void ClusterPeers::on_link(const LinkedNode& node, const wire::Welcome& welcome) {
  if (welcome.partitions != owners_.partitions())
    return log_.error("node_of_another_storage", {{"node", node.address},
                                                  {"partitions", welcome.partitions},
                                                  {"expected", owners_.partitions()}});
  router_.connected(
      node.address, node.peers,
      [&channel = node.channel](const PartitionClaim& claim) { channel.address_next(claim); });
  ask_waiting();
}

void ClusterPeers::on_link_lost(const NodeAddress& node) {
  leaving_.erase(node);
  owners_.lost(node);
  router_.lost(node);
}

// One without a face is of another storage: what it owns is none of ours.
void ClusterPeers::on_owners(const NodeAddress& node, const OwnerView& view) {
  if (router_.face_of(node) == nullptr) return;
  if (view.leaving) leaving_.insert(node);
  bool any = false;
  for (const PartitionClaim& claim : view.claims) {
    if (claim.partition >= owners_.partitions()) continue;
    const auto before = owners_.of(claim.partition);
    if (!owners_.take(node, claim)) continue;
    any = true;
    if (before && before->node == kHere) overtaken_(claim.partition);
  }
  if (any) router_.owners_changed();
}

// ---- to one of them, or to all -----------------------------------------------------------------

CallKind ClusterPeers::at(const std::vector<RegId>& registrations) const {
  return at(registrations.empty() ? std::uint16_t{0} : home_of(registrations.front()));
}

// Whoever owns the registration now has been asked by then, and perhaps for the opposite since.
CallKind ClusterPeers::for_holder(const HolderChange& change) const {
  CallKind kind = at(home_of(change.name));
  kind.on_behalf_of = partition_of(home_of(change.holder), owners_.partitions());
  return kind;
}

void ClusterPeers::feed_state(FeedId feed, Callback<FeedState> done) {
  const CallKind kind = at(home_of(feed));
  router_.call<&PeerService::feed_state>(kind, std::move(done), std::move(feed));
}
void ClusterPeers::reset_feed(FeedId feed, FeedNumber cursor, Callback<FeedState> done) {
  const CallKind kind = at(home_of(feed));
  router_.call<&PeerService::reset_feed>(kind, std::move(done), std::move(feed), cursor);
}
void ClusterPeers::resolve(ResolveRequest request, Callback<Resolved> done) {
  const CallKind kind = at(request.registrations);
  router_.call<&PeerService::resolve>(kind, std::move(done), std::move(request));
}
void ClusterPeers::holders(NameId name, Callback<std::vector<RegId>> done) {
  const CallKind kind = at(home_of(name));
  router_.call<&PeerService::holders>(kind, std::move(done), std::move(name));
}
void ClusterPeers::holds(HolderChange change, Callback<bool> done) {
  const CallKind kind = for_holder(change);
  router_.call<&PeerService::holds>(kind, std::move(done), std::move(change));
}
void ClusterPeers::set_holder(HolderChange change, Callback<void> done) {
  const CallKind kind = for_holder(change);
  router_.call<&PeerService::set_holder>(kind, std::move(done), std::move(change));
}
void ClusterPeers::unset_holder(HolderChange change, Callback<void> done) {
  const CallKind kind = for_holder(change);
  router_.call<&PeerService::unset_holder>(kind, std::move(done), std::move(change));
}
void ClusterPeers::drop_holder(NameId name, RegId holder, Callback<void> done) {
  const CallKind kind = at(home_of(name));
  router_.call<&PeerService::drop_holder>(kind, std::move(done), std::move(name),
                                          std::move(holder));
}
void ClusterPeers::trace_copies(MessageId id, std::vector<RegId> registrations,
                                Callback<std::vector<TraceCopy>> done) {
  const CallKind kind = at(registrations);
  router_.call<&PeerService::trace_copies>(kind, std::move(done), id, std::move(registrations));
}
void ClusterPeers::trace_readers(SharedEntry entry, std::vector<RegId> registrations,
                                 Callback<std::vector<TraceCopy>> done) {
  const CallKind kind = at(registrations);
  router_.call<&PeerService::trace_readers>(kind, std::move(done), std::move(entry),
                                            std::move(registrations));
}
void ClusterPeers::devices(DevicePageRequest request, Callback<std::vector<DeviceId>> done) {
  const CallKind kind{.partition = request.partition};
  router_.call<&PeerService::devices>(kind, std::move(done), std::move(request));
}

// Of one's own peers: ask_for().
void ClusterPeers::give_up(std::vector<PartitionId> partitions, Callback<void> done) {
  ask_for(partitions, std::move(done));
}

void ClusterPeers::ask_for(const std::vector<PartitionId>& partitions, Callback<void> done) {
  asks_.push_back({partitions, std::move(done), clock_.monotonic() + kAskedWithin});
  ask_waiting();
}

bool ClusterPeers::all_linked() const {
  return std::all_of(members_.begin(), members_.end(), [this](const NodeAddress& member) {
    return member == self_ || router_.face_of(member) != nullptr;
  });
}

void ClusterPeers::ask_waiting() {
  std::erase_if(asks_, [this](const Ask& ask) { return ask.until < clock_.monotonic(); });
  if (!all_linked()) return;
  for (Ask& ask : std::exchange(asks_, {})) {
    auto all =
        Gather<bool>::make([d = std::move(ask.done)](Result<std::vector<bool>>) mutable { d({}); });
    std::set<NodeAddress> asked(members_.begin(), members_.end());
    asked.insert(leaving_.begin(), leaving_.end());
    for (const NodeAddress& member : asked) {  // no other: it may be linked, and silent
      if (member == self_ || router_.face_of(member) == nullptr) continue;
      router_.face_of(member)->give_up(
          ask.partitions, [answer = all->ask()](const Status&) mutable { answer(true); });
    }
    all->close();
  }
}

// What is lost is sent again.
void ClusterPeers::lane(LaneMessage message) {
  if (PeerService* owner = router_.owner_of(message.to)) owner->lane(std::move(message));
}
void ClusterPeers::lane_taken(LaneConfirm confirm) {
  if (PeerService* owner = router_.owner_of(confirm.from)) owner->lane_taken(confirm);
}

void ClusterPeers::apps_changed(Callback<void> done) {
  auto all =
      Gather<bool>::make([d = std::move(done)](Result<std::vector<bool>>) mutable { d({}); });
  tell_others([&](PeerService& peer) {
    peer.apps_changed([answer = all->ask()](const Status&) mutable { answer(true); });
  });
  all->close();
}
void ClusterPeers::feed_began_anew(FeedId feed) {
  tell_others([&](PeerService& peer) { peer.feed_began_anew(feed); });
}

template <typename Tell>
void ClusterPeers::tell_others(Tell tell) {
  router_.tell_all([&](const NodeAddress& node, PeerService& peer) {
    if (node != kHere) tell(peer);
  });
}

}  // namespace longwire::middle::cluster
