#pragma once

// NodeServer: the middle's end of a channel to one front end, which says first who it is.

#include <chrono>

#include "base/environment.h"
#include "middle/middle.h"
#include "middle/remote/channel.h"
#include "middle/remote/served_node.h"

namespace longwire::middle::remote {

// Loop-bound to environment.executor.
class NodeServer final : public ChannelHandler, public FrontEnd {
 public:
  // All references outlive it.
  NodeServer(const Environment& environment, const ChannelLimits& limits, Wire& wire,
             const ServedNode& node);

  Channel& channel() { return channel_; }
  bool greeted() const { return link_.service != nullptr; }

  void on_message(IncomingMessage& message) override;
  void on_stanza(RoutedStanza stanza) override;
  void on_session_closed(SessionClosed closed) override;
  void on_receiver_gone(ReceiverGone gone) override;
  void on_registration_changed(RegistrationChanged changed) override;

 private:
  void serve_hello(IncomingMessage& message);
  void serve_reports(const MessageHead& call);

  Executor& loop_;
  const ServedNode node_;
  Channel channel_;
  NodeLink
      link_;  // empty before the greeting; last: after its end nothing is answered and nothing told
};

}  // namespace longwire::middle::remote
