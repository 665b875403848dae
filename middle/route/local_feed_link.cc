#include "middle/route/local_feed_link.h"

#include <utility>

#include "base/check.h"

namespace longwire::middle {

namespace {

// A hub as messages find it: loop-bound to `loop`; null once the hub is gone.
struct HubEnd {
  explicit HubEnd(Executor& executor) : loop(executor) {}
  Executor& loop;
  FollowHubImpl* hub = nullptr;
};

}  // namespace

struct LocalFeedLink::Shared {
  Shared(Executor& executor, std::uint16_t partitions, FeedCarrier* feed_carrier)
      : owners(executor), carrier(feed_carrier), tables(partitions, nullptr) {}

  template <typename Deliver, typename Message>
  void carry(Executor& to, Deliver deliver, Message message) {
    if (carrier != nullptr) {
      return carrier->carry(to, [deliver, message] { deliver(Message(message)); });
    }
    to.post([deliver = std::move(deliver), message = std::move(message)]() mutable {
      deliver(std::move(message));
    });
  }

  Executor& owners;
  FeedCarrier* const carrier;
  std::vector<InterestTable*> tables;  // loop-bound to `owners`
  Guarded<std::unordered_map<NodeId, std::shared_ptr<HubEnd>>> hubs;
};

namespace {

// The hub with its end of the link. Loop-bound to the front end's loop.
template <typename Shared>
class LocalHub final : public FollowHub, public InterestSink {
 public:
  LocalHub(std::shared_ptr<Shared> shared, NodeId node, Environment environment,
           FollowHubImpl::Read read, FollowHubOptions options)
      : shared_(std::move(shared)),
        node_(node),
        end_(std::make_shared<HubEnd>(environment.executor)),
        hub_(std::move(node), static_cast<std::uint16_t>(shared_->tables.size()), environment,
             *this, std::move(read), options) {
    end_->hub = &hub_;
    (*shared_->hubs.lock())[node_] = end_;
  }

  ~LocalHub() override {
    end_->hub = nullptr;
    {
      auto hubs = shared_->hubs.lock();
      auto found = hubs->find(node_);
      if (found != hubs->end() && found->second == end_) hubs->erase(found);
    }
    shared_->owners.post([shared = shared_, node = node_] {
      for (InterestTable* table : shared->tables) {
        if (table != nullptr) table->node_gone(node);
      }
    });
  }

  SubscriptionId subscribe(FeedId feed, FeedNumber after, FeedListener& listener) override {
    return hub_.subscribe(std::move(feed), after, listener);
  }
  void unsubscribe(SubscriptionId subscription) override { hub_.unsubscribe(subscription); }
  void pause(SubscriptionId subscription) override { hub_.pause(subscription); }
  void resume(SubscriptionId subscription) override { hub_.resume(subscription); }

  void to_owner(InterestMessage message) override {
    auto deliver = [shared = shared_](InterestMessage taken) {
      InterestTable* table = shared->tables[taken.partition];
      if (table != nullptr) table->receive(std::move(taken));
    };
    shared_->carry(shared_->owners, std::move(deliver), std::move(message));
  }

 private:
  std::shared_ptr<Shared> shared_;
  NodeId node_;
  std::shared_ptr<HubEnd> end_;
  FollowHubImpl hub_;
};

}  // namespace

LocalFeedLink::LocalFeedLink(Executor& owners, std::uint16_t partitions, FeedCarrier* carrier)
    : shared_(std::make_shared<Shared>(owners, partitions, carrier)) {}

LocalFeedLink::~LocalFeedLink() = default;

void LocalFeedLink::set_owner(PartitionId partition, InterestTable* table) {
  CHECK(shared_->owners.in_loop());
  shared_->tables.at(partition) = table;
}

void LocalFeedLink::to_front_end(const NodeId& node, StreamMessage message) {
  if (shared_->carrier != nullptr) shared_->carrier->look(message);
  std::shared_ptr<HubEnd> end;
  {
    auto hubs = shared_->hubs.lock();
    auto found = hubs->find(node);
    if (found == hubs->end()) return;
    end = found->second;
  }
  auto deliver = [end](StreamMessage taken) {
    if (end->hub != nullptr) end->hub->receive(std::move(taken));
  };
  shared_->carry(end->loop, std::move(deliver), std::move(message));
}

std::unique_ptr<FollowHub> LocalFeedLink::make_hub(NodeId node, Environment environment,
                                                   FollowHubImpl::Read read,
                                                   FollowHubOptions options) {
  return std::make_unique<LocalHub<Shared>>(shared_, std::move(node), environment, std::move(read),
                                            options);
}

}  // namespace longwire::middle
