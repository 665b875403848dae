#include "daemon/tier/tier_client.h"

#include <utility>

#include "base/check.h"
#include "base/net/dialer.h"
#include "daemon/tier/tier_socket.h"
#include "middle/remote/remote_link.h"

namespace longwire::daemon {
namespace {

using middle::FrontEnd;
using middle::MiddleLink;
using middle::NodeId;
using middle::remote::RemoteNode;

constexpr std::chrono::milliseconds kRetryEvery{500};
constexpr int kTriesMax = 90;

Error nobody(const TierClientParts& parts) {
  return {ErrorCode::kUnavailable, "no middle tier answers at " + parts.middle.to_string(),
          kRetryEvery};
}

Environment on(const TierClientParts& parts, net::Loop& loop) {
  const Environment& given = parts.environment;
  return {loop, given.clock, given.random, given.log, given.metrics};
}

// The node and its socket; lives while the link does.
class Connected final {
 public:
  Connected(net::Loop& loop, const TierClientParts& parts, net::Descriptor socket,
            FrontEnd* front_end)
      : lost_(parts.lost),
        socket_(loop, std::move(socket), parts.middle, parts.tls ? parts.tls() : nullptr,
                [this](net::CloseReason) { closed(); }),
        node_(on(parts, loop), {}, socket_, front_end) {
    socket_.lead_to(node_.channel());
  }
  RemoteNode& node() { return node_; }

 private:
  void closed() {
    node_.channel().end();
    if (lost_) lost_();
  }

  const std::function<void()> lost_;
  TierSocket socket_;
  RemoteNode node_;
};

using ConnectedPtr = std::shared_ptr<Connected>;

std::shared_ptr<RemoteNode> node_of(const ConnectedPtr& connected) {
  return {connected, &connected->node()};
}

class RemoteMiddle final : public middle::Middle {
 public:
  RemoteMiddle(TierClientParts parts, net::Loop& loop) : parts_(std::move(parts)), loop_(loop) {}

  void start(Callback<void> done) override {
    loop_.post([this, done = std::move(done)]() mutable { greet(kTriesMax, std::move(done)); });
  }

  MiddleLink connect(Executor& executor, NodeId node, FrontEnd* front_end) override {
    auto* loop = dynamic_cast<net::Loop*>(&executor);
    CHECK(loop != nullptr && loop->in_loop());
    const NodeId named(parts_.process + "/" + node.value());
    auto socket = net::connect_tcp(parts_.middle);
    CHECK(socket.ok());  // an address that start() has reached
    const auto connected =
        std::make_shared<Connected>(*loop, parts_, std::move(*socket), front_end);
    connected->node().greet(named, [](const Result<middle::wire::Welcome>&) {});
    return middle::remote::make_remote_link(node_of(connected), named, partitions_,
                                            on(parts_, *loop), {});
  }

  void stop(Callback<void> done) override {
    loop_.post([done = std::move(done)]() mutable { done({}); });
  }

 private:
  void greet(int tries, Callback<void> done) {
    TierClientParts quiet = parts_;
    quiet.lost = nullptr;
    connect_tier(loop_, quiet, NodeId(parts_.process + "/start"), nullptr,
                 [this, tries, done = std::move(done)](Result<TierGreeted> greeted) mutable {
                   if (greeted.ok()) {
                     partitions_ = greeted->partitions;
                     return done({});
                   }
                   if (tries <= 1) return done(std::move(greeted).error());
                   loop_.schedule(kRetryEvery, [this, tries, done = std::move(done)]() mutable {
                     greet(tries - 1, std::move(done));
                   });
                 });
  }

  const TierClientParts parts_;
  net::Loop& loop_;
  std::uint16_t partitions_ = 0;  // known once start() is answered
};

}  // namespace

std::unique_ptr<middle::Middle> make_remote_middle(TierClientParts parts, net::Loop& loop) {
  return std::make_unique<RemoteMiddle>(std::move(parts), loop);
}

void connect_tier(net::Loop& loop, const TierClientParts& parts, const NodeId& node,
                  FrontEnd* front_end, Callback<TierGreeted> done) {
  auto socket = net::connect_tcp(parts.middle);
  if (!socket.ok()) {
    return loop.post([done = std::move(done), error = socket.error()]() mutable { done(error); });
  }
  const auto connected = std::make_shared<Connected>(loop, parts, std::move(*socket), front_end);
  connected->node().greet(node, [connected, node, &loop, parts, done = std::move(done)](
                                    Result<middle::wire::Welcome> welcome) mutable {
    if (!welcome.ok()) return done(nobody(parts));
    done(TierGreeted{middle::remote::make_remote_link(node_of(connected), node, welcome->partitions,
                                                      on(parts, loop), {}),
                     welcome->partitions});
  });
}

}  // namespace longwire::daemon
