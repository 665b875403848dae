#include "middle/route/local_feed_link.h"

#include <limits>
#include <utility>

#include "base/check.h"

namespace longwire::middle {

namespace {

// A front end as messages find it: loop-bound to `loop`; without `deliver` once it is gone.
struct NodeEnd {
  Executor& loop;
  std::function<void(StreamMessage)> deliver;
  std::uint64_t turn = 0;
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
  Guarded<std::unordered_map<NodeId, std::shared_ptr<NodeEnd>>> nodes;
};

namespace {

// Loop-bound to the front end's loop.
template <typename Shared>
class AttachedNode final : public InterestSink {
 public:
  AttachedNode(std::shared_ptr<Shared> shared, NodeId node, std::shared_ptr<NodeEnd> end)
      : shared_(std::move(shared)), node_(std::move(node)), end_(std::move(end)) {}

  ~AttachedNode() override {
    end_->deliver = nullptr;
    {
      auto nodes = shared_->nodes.lock();
      auto found = nodes->find(node_);
      if (found == nodes->end() || found->second != end_) return;  // it is back over another
      nodes->erase(found);
    }
    shared_->owners.post([shared = shared_, node = node_] {
      for (InterestTable* table : shared->tables) {
        if (table != nullptr) table->node_gone(node);
      }
    });
  }

  // One that comes from elsewhere may name what there is not.
  void to_owner(InterestMessage message) override {
    if (message.partition >= shared_->tables.size()) return;
    message.node = node_;
    auto deliver = [shared = shared_](InterestMessage taken) {
      InterestTable* table = shared->tables[taken.partition];
      if (table != nullptr) table->receive(std::move(taken));
    };
    shared_->carry(shared_->owners, std::move(deliver), std::move(message));
  }

 private:
  std::shared_ptr<Shared> shared_;
  NodeId node_;
  std::shared_ptr<NodeEnd> end_;
};

// Of this process: nobody from elsewhere comes later, whatever he calls himself.
constexpr std::uint64_t kLastTurn = std::numeric_limits<std::uint64_t>::max();

// The hub with its end of the link.
class LocalHub final : public FollowHub {
 public:
  LocalHub(LocalFeedLink& link, std::uint16_t partitions, NodeId node, Environment environment,
           FollowHubImpl::Read read, FollowHubOptions options)
      : end_(link.attach(
            node, environment.executor,
            [this](StreamMessage message) { hub_.receive(std::move(message)); }, kLastTurn)),
        hub_(std::move(node), partitions, environment, *end_, std::move(read), options) {}

  SubscriptionId subscribe(FeedId feed, FeedNumber after, FeedListener& listener) override {
    return hub_.subscribe(std::move(feed), after, listener);
  }
  void unsubscribe(SubscriptionId subscription) override { hub_.unsubscribe(subscription); }
  void pause(SubscriptionId subscription) override { hub_.pause(subscription); }
  void resume(SubscriptionId subscription) override { hub_.resume(subscription); }
  bool is_behind(SubscriptionId subscription) const override {
    return hub_.is_behind(subscription);
  }

 private:
  std::unique_ptr<InterestSink> end_;  // before the hub, which speaks through it to its end
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
  std::shared_ptr<NodeEnd> end;
  {
    auto nodes = shared_->nodes.lock();
    auto found = nodes->find(node);
    if (found == nodes->end()) return;
    end = found->second;
  }
  auto deliver = [end](StreamMessage taken) {
    if (end->deliver) end->deliver(std::move(taken));
  };
  shared_->carry(end->loop, std::move(deliver), std::move(message));
}

std::unique_ptr<InterestSink> LocalFeedLink::attach(NodeId node, Executor& loop,
                                                    std::function<void(StreamMessage)> deliver,
                                                    std::uint64_t turn) {
  auto end = std::make_shared<NodeEnd>(NodeEnd{loop, std::move(deliver), turn});
  {
    auto nodes = shared_->nodes.lock();
    std::shared_ptr<NodeEnd>& known = (*nodes)[node];
    if (known != nullptr && known->turn > turn) return nullptr;
    known = end;
  }
  return std::make_unique<AttachedNode<Shared>>(shared_, std::move(node), std::move(end));
}

std::unique_ptr<FollowHub> LocalFeedLink::make_hub(NodeId node, Environment environment,
                                                   FollowHubImpl::Read read,
                                                   FollowHubOptions options) {
  const auto partitions = static_cast<std::uint16_t>(shared_->tables.size());
  return std::make_unique<LocalHub>(*this, partitions, std::move(node), environment,
                                    std::move(read), options);
}

}  // namespace longwire::middle
