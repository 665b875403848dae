#include "middle/remote/node_server.h"

#include <utility>

#include "middle/remote/methods.h"
#include "middle/remote/service_server.h"

namespace longwire::middle::remote {

NodeServer::NodeServer(const Environment& environment, const ChannelLimits& limits, Wire& wire,
                       Middle& middle, NodeId node)
    : channel_(environment.executor, environment.clock, limits, wire, *this),
      link_(middle.connect_node(
          environment.executor, std::move(node), *this,
          [this](const StreamMessage& message) { channel_.oneway(kStream, message); })) {}

void NodeServer::on_message(IncomingMessage& message) {
  if (message.head().kind == MessageKind::kCall) {
    return serve_call(*link_.service, message,
                      [this](OutgoingMessage answer) { channel_.reply(std::move(answer)); });
  }
  if (message.head().name != kInterest) return;
  std::chrono::milliseconds deadline{0};
  auto interest = message.arguments<std::tuple<InterestMessage>>(deadline);
  if (interest.ok()) link_.feeds->to_owner(std::move(std::get<0>(*interest)));
}

void NodeServer::on_stanza(RoutedStanza stanza) { channel_.oneway(kStanza, stanza); }
void NodeServer::on_session_closed(SessionClosed closed) {
  channel_.oneway(kSessionClosed, closed);
}
void NodeServer::on_receiver_gone(ReceiverGone gone) { channel_.oneway(kReceiverGone, gone); }
void NodeServer::on_registration_changed(RegistrationChanged changed) {
  channel_.oneway(kRegistrationChanged, changed);
}

}  // namespace longwire::middle::remote
