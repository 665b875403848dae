#pragma once

// RemoteNode: a front end's end of a channel to a middle tier: what a MiddleLink in one process is
// across two.

#include <memory>

#include "base/environment.h"
#include "middle/middle.h"
#include "middle/remote/channel.h"
#include "middle/route/follow_hub_impl.h"

namespace longwire::middle::remote {

// Loop-bound to environment.executor.
class RemoteNode final : public ChannelHandler, public InterestSink {
 public:
  // All references outlive it; `front_end` may be null.
  RemoteNode(const Environment& environment, const ChannelLimits& limits, Wire& wire,
             FrontEnd* front_end)
      : front_end_(front_end),
        channel_(environment.executor, environment.clock, limits, wire, *this) {}

  Channel& channel() { return channel_; }
  // The first thing to be said.
  void greet(const NodeId& node, Callback<wire::Welcome> done);
  // Where streams of feeds go; null: nowhere.
  void set_hub(FollowHubImpl* hub) { hub_ = hub; }

  void on_message(IncomingMessage& message) override;
  void to_owner(InterestMessage message) override;

 private:
  FrontEnd* const front_end_;
  FollowHubImpl* hub_ = nullptr;
  Channel channel_;
};

// The service and the feeds behind `node`, of a storage with as many partitions. Both keep it
// alive.
MiddleLink make_remote_link(const std::shared_ptr<RemoteNode>& node, NodeId id,
                            std::uint16_t partitions, const Environment& environment,
                            const FollowHubOptions& options);

}  // namespace longwire::middle::remote
