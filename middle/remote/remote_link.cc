#include "middle/remote/remote_link.h"

#include <utility>

#include "middle/remote/methods.h"
#include "middle/remote/remote_service.h"

namespace longwire::middle::remote {
namespace {

// The one argument of a oneway, if that is what came: one that is not understood is lost, which
// streams recover from, and everything else that is told so may get lost anyway.
template <typename T, typename Take>
void take(IncomingMessage& message, Take take_it) {
  std::chrono::milliseconds deadline{0};
  auto argument = message.arguments<std::tuple<T>>(deadline);
  if (argument.ok()) take_it(std::move(std::get<0>(*argument)));
}

// The hub, and the node that it speaks through.
class RemoteHub final : public FollowHub {
 public:
  RemoteHub(std::shared_ptr<RemoteNode> node, NodeId id, std::uint16_t partitions,
            const Environment& environment, FollowHubImpl::Read read,
            const FollowHubOptions& options)
      : node_(std::move(node)),
        hub_(std::move(id), partitions, environment, *node_, std::move(read), options) {
    node_->set_hub(&hub_);
  }
  ~RemoteHub() override { node_->set_hub(nullptr); }

  SubscriptionId subscribe(FeedId feed, FeedNumber after, FeedListener& listener) override {
    return hub_.subscribe(std::move(feed), after, listener);
  }
  void unsubscribe(SubscriptionId subscription) override { hub_.unsubscribe(subscription); }
  void pause(SubscriptionId subscription) override { hub_.pause(subscription); }
  void resume(SubscriptionId subscription) override { hub_.resume(subscription); }

 private:
  const std::shared_ptr<RemoteNode> node_;
  FollowHubImpl hub_;
};

}  // namespace

void RemoteNode::on_message(IncomingMessage& message) {
  const std::string_view name = message.head().name;
  if (name == kStream && hub_ != nullptr) {
    return take<StreamMessage>(message, [&](StreamMessage m) { hub_->receive(std::move(m)); });
  }
  if (front_end_ == nullptr) return;
  if (name == kStanza) {
    take<RoutedStanza>(message, [&](RoutedStanza m) { front_end_->on_stanza(std::move(m)); });
  } else if (name == kSessionClosed) {
    take<SessionClosed>(message,
                        [&](SessionClosed m) { front_end_->on_session_closed(std::move(m)); });
  } else if (name == kReceiverGone) {
    take<ReceiverGone>(message,
                       [&](ReceiverGone m) { front_end_->on_receiver_gone(std::move(m)); });
  } else if (name == kRegistrationChanged) {
    take<RegistrationChanged>(
        message, [&](RegistrationChanged m) { front_end_->on_registration_changed(std::move(m)); });
  }
}

void RemoteNode::greet(const NodeId& node, Callback<wire::Welcome> done) {
  channel_.call(
      kHello, [&](OutgoingMessage& message) { message.arguments(node, kVersion); },
      [done = std::move(done)](Result<IncomingMessage*> answered) mutable {
        if (!answered.ok()) return done(std::move(answered).error());
        done((*answered)->answer<wire::Welcome>());
      });
}

void RemoteNode::to_owner(InterestMessage message) { channel_.oneway(kInterest, message); }

MiddleLink make_remote_link(const std::shared_ptr<RemoteNode>& node, NodeId id,
                            std::uint16_t partitions, const Environment& environment,
                            const FollowHubOptions& options) {
  MiddleLink link;
  link.node = id;
  link.service = make_remote_service({node, &node->channel()});
  Service* service = link.service.get();  // outlives the hub: see MiddleLink's members
  link.feeds = std::make_unique<RemoteHub>(
      node, std::move(id), partitions, environment,
      [service](ReadRequest request, Callback<FeedPage> done) {
        service->read_feed(std::move(request), std::move(done));
      },
      options);
  return link;
}

}  // namespace longwire::middle::remote
