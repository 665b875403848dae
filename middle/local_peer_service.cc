#include <utility>

#include "middle/local_call.h"
#include "middle/local_service.h"

namespace longwire::middle {
namespace {

class LocalPeerService final : public PeerService {
 public:
  explicit LocalPeerService(std::shared_ptr<LocalCalls> calls) : calls_(std::move(calls)) {}

  void feed_state(FeedId feed, Callback<FeedState> done) override {
    forward(&PeerService::feed_state, std::move(done), std::move(feed));
  }
  void reset_feed(FeedId feed, FeedNumber cursor, Callback<FeedState> done) override {
    forward(&PeerService::reset_feed, std::move(done), std::move(feed), cursor);
  }
  void resolve(ResolveRequest request, Callback<Resolved> done) override {
    forward(&PeerService::resolve, std::move(done), std::move(request));
  }
  void holders(NameId name, Callback<std::vector<RegId>> done) override {
    forward(&PeerService::holders, std::move(done), std::move(name));
  }
  void holds(HolderChange change, Callback<bool> done) override {
    forward(&PeerService::holds, std::move(done), std::move(change));
  }
  void set_holder(HolderChange change, Callback<void> done) override {
    forward(&PeerService::set_holder, std::move(done), std::move(change));
  }
  void unset_holder(HolderChange change, Callback<void> done) override {
    forward(&PeerService::unset_holder, std::move(done), std::move(change));
  }
  void drop_holder(NameId name, RegId holder, Callback<void> done) override {
    forward(&PeerService::drop_holder, std::move(done), std::move(name), std::move(holder));
  }
  void trace_copies(MessageId id, std::vector<RegId> registrations,
                    Callback<std::vector<TraceCopy>> done) override {
    forward(&PeerService::trace_copies, std::move(done), id, std::move(registrations));
  }
  void trace_readers(SharedEntry entry, std::vector<RegId> registrations,
                     Callback<std::vector<TraceCopy>> done) override {
    forward(&PeerService::trace_readers, std::move(done), std::move(entry),
            std::move(registrations));
  }
  void devices(DevicePageRequest request, Callback<std::vector<DeviceId>> done) override {
    forward(&PeerService::devices, std::move(done), std::move(request));
  }
  void give_up(std::vector<PartitionId> partitions, Callback<void> done) override {
    forward(&PeerService::give_up, std::move(done), std::move(partitions));
  }
  void lane(LaneMessage message) override {
    calls_->post(
        [m = std::move(message)](Core& core) mutable { core.local_peer().lane(std::move(m)); });
  }
  void lane_taken(LaneConfirm confirm) override {
    calls_->post([confirm](Core& core) { core.local_peer().lane_taken(confirm); });
  }
  void apps_changed(Callback<void> done) override {
    forward(&PeerService::apps_changed, std::move(done));
  }
  void feed_began_anew(FeedId feed) override {
    calls_->post([f = std::move(feed)](Core& core) { core.local_peer().feed_began_anew(f); });
  }

 private:
  template <typename Reply, typename Method, typename... Arguments>
  void forward(Method method, Callback<Reply> done, Arguments... arguments) {
    calls_->call<Reply>([](Core& core) -> PeerService& { return core.local_peer(); }, method,
                        std::move(done), std::move(arguments)...);
  }

  const std::shared_ptr<LocalCalls> calls_;
};

}  // namespace

std::unique_ptr<PeerService> make_local_peer_service(std::shared_ptr<LocalCalls> calls) {
  return std::make_unique<LocalPeerService>(std::move(calls));
}

}  // namespace longwire::middle
