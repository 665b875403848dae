#include "middle/middle.h"

#include <utility>

#include "middle/core/core.h"
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
  std::unique_ptr<Service> connect_service(Executor& loop, const NodeId& node, FrontEnd* front_end,
                                           ToldOwners owners);
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

std::unique_ptr<Service> LocalMiddle::connect_service(Executor& loop, const NodeId& node,
                                                      FrontEnd* front_end, ToldOwners owners) {
  auto alive = std::make_shared<bool>(true);  // owned by the service, watched by messages to it
  on_core([node, link = NodeTable::Node{&loop, front_end, std::move(owners), alive}](Core& core) {
    core.add_node(node, link);
  });
  return make_local_service(handle_, loop, node, std::move(alive));
}

NodeLink LocalMiddle::connect_node(Executor& loop, NodeId node, NodeEnd end) {
  NodeLink link;
  link.service = connect_service(loop, node, &end.front_end, std::move(end.owners));
  link.peers = make_local_peer_service(handle_, loop);
  link.feeds = link_.attach(std::move(node), loop, std::move(end.streams));
  return link;
}

MiddleLink LocalMiddle::connect(Executor& loop, NodeId node, FrontEnd* front_end) {
  MiddleLink link;
  link.node = node;
  link.service = connect_service(loop, node, front_end, {});
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
