#pragma once

// NodeServer: the middle's end of a channel to one front end.

#include <chrono>

#include "base/environment.h"
#include "middle/middle.h"
#include "middle/remote/channel.h"

namespace longwire::middle::remote {

// Loop-bound to environment.executor.
class NodeServer final : public ChannelHandler, public FrontEnd {
 public:
  // All references outlive it.
  NodeServer(const Environment& environment, const ChannelLimits& limits, Wire& wire,
             Middle& middle, NodeId node);

  Channel& channel() { return channel_; }

  void on_message(IncomingMessage& message) override;
  void on_stanza(RoutedStanza stanza) override;
  void on_session_closed(SessionClosed closed) override;
  void on_receiver_gone(ReceiverGone gone) override;
  void on_registration_changed(RegistrationChanged changed) override;

 private:
  Channel channel_;
  NodeLink link_;  // last: after its end nothing is answered and nothing told
};

}  // namespace longwire::middle::remote
