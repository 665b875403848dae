#include "middle/middle.h"

#include <utility>

#include "middle/core/core.h"
#include "middle/local_call.h"
#include "middle/local_middle.h"
#include "middle/local_service.h"
#include "middle/route/local_feed_link.h"

namespace longwire::middle {
namespace {

class LocalMiddle final : public CoreMiddle {
 public:
  LocalMiddle(const MiddleConfig& config, Environment environment, const CoreMiddleParts& parts)
      : config_(config),
        environment_(environment),
        link_(environment.executor, parts.store.info().partitions, parts.carrier),
        core_(config, environment,
              CoreParts{parts.store, parts.directory, link_, parts.keys, parts.carrier,
                        parts.cluster}),
        handle_(std::make_shared<CoreHandle>(CoreHandle{environment.executor, &core_})) {}

  ~LocalMiddle() override { handle_->core = nullptr; }

  void start(Callback<void> done) override {
    on_core([d = std::move(done)](Core& core) mutable { core.start(std::move(d)); });
  }
  void stop(Callback<void> done) override {
    on_core([d = std::move(done)](Core& core) mutable { core.stop(std::move(d)); });
  }
  MiddleLink connect(Executor& loop, NodeId node, FrontEnd* front_end) override;
  NodeLink connect_node(Executor& loop, NodeId node, NodeEnd end) override;
  Core& core() override { return core_; }

 private:
  std::shared_ptr<LocalCalls> calls_of(Executor& loop, const NodeId& node, FrontEnd* front_end,
                                       ToldOwners owners, std::uint64_t turn);
  template <typename F>
  void on_core(F function) {
    environment_.executor.post([handle = handle_, f = std::move(function)]() mutable {
      if (handle->core != nullptr) f(*handle->core);
    });
  }

  const MiddleConfig config_;
  Environment environment_;
  LocalFeedLink link_;
  Core core_;
  std::shared_ptr<CoreHandle> handle_;  // shared with services, which may go last
};

std::shared_ptr<LocalCalls> LocalMiddle::calls_of(Executor& loop, const NodeId& node,
                                                  FrontEnd* front_end, ToldOwners owners,
                                                  std::uint64_t turn) {
  return std::make_shared<LocalCalls>(
      handle_, loop, node,
      NodeTable::Node{
          .loop = &loop, .front_end = front_end, .owners = std::move(owners), .turn = turn});
}

NodeLink LocalMiddle::connect_node(Executor& loop, NodeId node, NodeEnd end) {
  NodeLink link;
  link.feeds = link_.attach(node, loop, std::move(end.streams), end.turn);
  if (link.feeds == nullptr) return {};
  const auto calls = calls_of(loop, node, &end.front_end, std::move(end.owners), end.turn);
  link.service = make_local_service(calls);
  link.peers = make_local_peer_service(calls);
  link.address_next = [calls](std::optional<PartitionClaim> claim) {
    calls->address_next(std::move(claim));
  };
  return link;
}

MiddleLink LocalMiddle::connect(Executor& loop, NodeId node, FrontEnd* front_end) {
  MiddleLink link;
  link.node = node;
  link.service = make_local_service(calls_of(loop, node, front_end, {}, 0));
  if (front_end == nullptr) return link;
  const Environment at_loop{loop, environment_.clock, environment_.random, environment_.log,
                            environment_.metrics};
  FollowHubOptions options;
  options.window_entries = static_cast<std::size_t>(config_.feed_window_entries);
  Service* service = link.service.get();  // outlives the hub: see MiddleLink's members
  link.feeds = link_.make_hub(
      std::move(node), at_loop,
      [service](ReadRequest request, Callback<FeedPage> done) {
        service->read_feed(std::move(request), std::move(done));
      },
      options);
  return link;
}

}  // namespace

std::unique_ptr<CoreMiddle> make_core_middle(const MiddleConfig& config, Environment environment,
                                             const CoreMiddleParts& parts) {
  return std::make_unique<LocalMiddle>(config, environment, parts);
}

std::unique_ptr<MiddleTier> make_middle(const MiddleConfig& config, Environment environment,
                                        PartitionStore& store, Directory& directory,
                                        Executor& keys) {
  return make_core_middle(config, environment,
                          {.store = store, .directory = directory, .keys = keys});
}

}  // namespace longwire::middle
