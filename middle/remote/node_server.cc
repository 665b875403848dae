#include "middle/remote/node_server.h"

#include <utility>

#include "middle/remote/methods.h"
#include "middle/remote/service_server.h"
#include "middle/wire/report_fields.h"

namespace longwire::middle::remote {

NodeServer::NodeServer(const Environment& environment, const ChannelLimits& limits, Wire& wire,
                       const ServedNode& node)
    : loop_(environment.executor),
      node_(node),
      channel_(environment.executor, environment.clock, limits, wire, *this) {}

void NodeServer::on_message(IncomingMessage& message) {
  const MessageHead& head = message.head();
  const Reply reply = [this](OutgoingMessage answer) { channel_.reply(std::move(answer)); };
  if (head.kind == MessageKind::kCall && head.name == kHello) return serve_hello(message);
  if (head.kind == MessageKind::kCall && head.name == kPing) {
    return reply(OutgoingMessage({MessageKind::kReply, head.name, head.id}));
  }
  if (head.kind == MessageKind::kCall && link_.service == nullptr) {
    return reply_failure(head, {ErrorCode::kInvalidArgument, "say hello first"}, reply);
  }
  if (head.kind == MessageKind::kCall && head.name == kReports) return serve_reports(head);
  if (head.kind == MessageKind::kCall)
    return serve_call({*link_.service, *link_.peers, link_.address_next}, message, reply);
  if (link_.service == nullptr) return;
  if (head.name == kReport) {
    return take_oneway<ProcessReport>(
        message, [this](ProcessReport report) { node_.reports.take(std::move(report)); });
  }
  if (head.name != kInterest) return serve_oneway(*link_.peers, message);
  take_oneway<InterestMessage>(
      message, [this](InterestMessage interest) { link_.feeds->to_owner(std::move(interest)); });
}

// Versions are neighbours: who is newer knows what the older one does not.
void NodeServer::serve_hello(IncomingMessage& message) {
  const Reply reply = [this](OutgoingMessage answer) { channel_.reply(std::move(answer)); };
  CallContext context;
  auto greeting = message.arguments<std::tuple<NodeId, std::int32_t, std::uint64_t>>(context);
  if (!greeting.ok()) return reply_failure(message.head(), greeting.error(), reply);
  if (link_.service != nullptr) {
    return reply_failure(message.head(), {ErrorCode::kAlreadyExists, "said before"}, reply);
  }
  link_ = node_.middle.connect_node(
      loop_, std::move(std::get<0>(*greeting)),
      {.front_end = *this,
       .streams = [this](const StreamMessage& stream) { channel_.oneway(kStream, stream); },
       .owners = [this](const OwnerView& view) { channel_.oneway(kOwners, view); },
       .turn = std::get<2>(*greeting)});
  if (link_.service == nullptr) {
    return reply_failure(message.head(), {ErrorCode::kDeposed, "it has greeted later"}, reply);
  }
  OutgoingMessage answer({MessageKind::kReply, message.head().name, message.head().id});
  answer.field(0, wire::Welcome{kVersion, node_.partitions});
  reply(std::move(answer));
}

void NodeServer::serve_reports(const MessageHead& call) {
  OutgoingMessage answer({MessageKind::kReply, call.name, call.id});
  answer.field(0, node_.reports.list());
  channel_.reply(std::move(answer));
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
