#include <utility>

#include "middle/remote/channel.h"
#include "middle/remote/methods.h"
#include "middle/remote/remote_service.h"
#include "middle/wire/peer_fields.h"

namespace longwire::middle::remote {
namespace {

class RemotePeers final : public PeerService {
 public:
  explicit RemotePeers(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  ~RemotePeers() override { *alive_ = false; }

  void feed_state(FeedId feed, Callback<FeedState> done) override {
    call<&PeerService::feed_state>(std::move(done), feed);
  }
  void reset_feed(FeedId feed, FeedNumber cursor, Callback<FeedState> done) override {
    call<&PeerService::reset_feed>(std::move(done), feed, cursor);
  }
  void resolve(ResolveRequest request, Callback<Resolved> done) override {
    call<&PeerService::resolve>(std::move(done), request);
  }
  void holders(NameId name, Callback<std::vector<RegId>> done) override {
    call<&PeerService::holders>(std::move(done), name);
  }
  void holds(HolderChange change, Callback<bool> done) override {
    call<&PeerService::holds>(std::move(done), change);
  }
  void set_holder(HolderChange change, Callback<void> done) override {
    call<&PeerService::set_holder>(std::move(done), change);
  }
  void unset_holder(HolderChange change, Callback<void> done) override {
    call<&PeerService::unset_holder>(std::move(done), change);
  }
  void drop_holder(NameId name, RegId holder, Callback<void> done) override {
    call<&PeerService::drop_holder>(std::move(done), name, holder);
  }
  void trace_copies(MessageId id, std::vector<RegId> registrations,
                    Callback<std::vector<TraceCopy>> done) override {
    call<&PeerService::trace_copies>(std::move(done), id, registrations);
  }
  void trace_readers(SharedEntry entry, std::vector<RegId> registrations,
                     Callback<std::vector<TraceCopy>> done) override {
    call<&PeerService::trace_readers>(std::move(done), entry, registrations);
  }
  void devices(DevicePageRequest request, Callback<std::vector<DeviceId>> done) override {
    call<&PeerService::devices>(std::move(done), request);
  }
  void give_up(std::vector<PartitionId> partitions, Callback<void> done) override {
    call<&PeerService::give_up>(std::move(done), partitions);
  }
  void lane(LaneMessage message) override { channel_->oneway(kLane, message); }
  void lane_taken(LaneConfirm confirm) override { channel_->oneway(kLaneTaken, confirm); }
  void apps_changed(Callback<void> done) override {
    call<&PeerService::apps_changed>(std::move(done));
  }
  void feed_began_anew(FeedId feed) override { channel_->oneway(kFeedBeganAnew, feed); }

 private:
  template <auto Member, typename R, typename... Args>
  void call(Callback<R> done, const Args&... args) {
    call_channel(*channel_, kPeerNameOf<Member>, alive_, std::move(done), args...);
  }

  const std::shared_ptr<Channel> channel_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<PeerService> make_remote_peers(std::shared_ptr<Channel> channel) {
  return std::make_unique<RemotePeers>(std::move(channel));
}

}  // namespace longwire::middle::remote
