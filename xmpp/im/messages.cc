#include "xmpp/im/messages.h"

#include <utility>

#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

enum class Kind { kChat, kNormal, kHeadline, kGroupchat, kError };

Kind kind_of(std::string_view type) {
  if (type == "chat") return Kind::kChat;
  if (type == "headline") return Kind::kHeadline;
  if (type == "groupchat") return Kind::kGroupchat;
  if (type == "error") return Kind::kError;
  // RFC 6121 section 5.2.2: an unknown type is normal.
  return Kind::kNormal;
}

struct Sender {
  std::string id;
  std::string to;
};

std::string refusal(const Sender& sender, std::string_view jid, StanzaError error) {
  std::string out = "<message type='error'";
  if (!sender.id.empty()) append_attribute("id", sender.id, out);
  append_attribute("from", sender.to, out);
  append_attribute("to", jid, out);
  out.push_back('>');
  append_stanza_error(error, {}, out);
  return out.append("</message>");
}

// An account that does not exist and one that nobody can reach must look the same.
StanzaError refusal_of(const Error& error) {
  return error.code == ErrorCode::kNotFound ? StanzaError::kServiceUnavailable
                                            : stanza_error_of(error.code);
}

}  // namespace

bool is_forged(Element child) {
  return (child.name() == "stanza-id" && child.ns() == ns::kStanzaIds) ||
         (child.name() == "delay" && child.ns() == ns::kDelay);
}

struct Messages::Outgoing {
  middle::RouteRequest request;
  Sender sender;
  Kind kind = Kind::kNormal;
};

void Messages::refuse(Session& session, Element message, InboundToken token, StanzaError error) {
  if (kind_of(message.attribute_or_empty("type")) != Kind::kError)
    session.send(error_reply(message, error, session.jid()));
  Session::handled(host_, token);
}

void Messages::on_message(Session& session, Element message, InboundToken token) {
  const std::string_view address = message.attribute_or_empty("to");
  const auto to = parse_jid(address.empty() ? session.bare_jid() : std::string(address));
  if (!to) return refuse(session, message, token, StanzaError::kJidMalformed);
  if (to->domain != host_.domain) {
    const bool ours = to->domain.size() > host_.domain.size() &&
                      to->domain.substr(to->domain.find('.') + 1) == host_.domain;
    return refuse(session, message, token,
                  ours ? StanzaError::kServiceUnavailable : StanzaError::kRemoteServerNotFound);
  }
  Outgoing outgoing;
  outgoing.kind = kind_of(message.attribute_or_empty("type"));
  if (to->local.empty() || outgoing.kind == Kind::kGroupchat)
    return refuse(session, message, token, StanzaError::kServiceUnavailable);
  if (outgoing.kind == Kind::kError && to->is_bare()) return Session::handled(host_, token);

  middle::RouteRequest& request = outgoing.request;
  request.to = middle::XmppAccount(to->local);
  request.resource = to->resource;
  request.mode = to->is_bare() ? middle::RouteMode::kBareChat : middle::RouteMode::kFullJid;
  // RFC 6121 section 8.5.3.2.1: chat to a resource that is gone goes to the account.
  request.else_account = !to->is_bare() && outgoing.kind == Kind::kChat;
  if (to->is_bare() && outgoing.kind == Kind::kHeadline)
    request.mode = middle::RouteMode::kAllWelcoming;
  const bool lasting = outgoing.kind == Kind::kChat || outgoing.kind == Kind::kNormal;
  request.archive = lasting && message.child("body", ns::kClient);

  WriteOptions options;
  options.default_ns = ns::kClient;
  const std::string from = session.jid();
  const std::string bare = to->bare();
  options.set_from = from;
  if (address.empty()) options.set_to = bare;
  options.drop_child = is_forged;
  std::string stanza_id;
  if (request.archive) {
    request.id =
        middle::make_message_id(host_.clock().now(), middle::home_of(request.to), host_.random());
    stanza_id = "<stanza-id xmlns='urn:xmpp:sid:0' by='";
    append_escaped(bare, stanza_id);
    stanza_id.append("' id='").append(request.id.to_string()).append("'/>");
    options.append = stanza_id;
  }
  append_element(message, options, request.stanza);
  outgoing.sender.id = message.attribute_or_empty("id");
  outgoing.sender.to = address.empty() ? bare : std::string(address);
  route(session, std::move(outgoing), token);
}

void Messages::route(Session& session, Outgoing outgoing, InboundToken token) {
  const bool silent = outgoing.kind == Kind::kError || outgoing.kind == Kind::kHeadline ||
                      !outgoing.request.archive;
  host_.service->route(std::move(outgoing.request),
                       [&host = host_, token, silent, handle = session.handle(),
                        sender = std::move(outgoing.sender)](Result<middle::RouteReply> reply) {
                         Session* from = host.sessions.find(handle);
                         if (!reply.ok() && !silent && from != nullptr)
                           from->send(refusal(sender, from->jid(), refusal_of(reply.error())));
                         Session::handled(host, token);
                       });
}

}  // namespace longwire::xmpp
