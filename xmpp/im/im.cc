#include "xmpp/im/im.h"

#include <utility>

#include "xmpp/im/im_state.h"
#include "xmpp/im/iq_table.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

bool is_subdomain(std::string_view name, std::string_view domain) {
  return name.size() > domain.size() + 1 && name[name.size() - domain.size() - 1] == '.' &&
         name.substr(name.size() - domain.size()) == domain;
}

// `name`, below our domain, is a channel that this session may use.
bool is_open_channel(const SessionHost& host, const Session& session, std::string_view name) {
  if (host.channels == nullptr) return false;
  const auto* channel = host.channels->find(name.substr(0, name.size() - host.domain.size() - 1));
  return channel != nullptr && (session.is_device() || !channel->devices_only());
}

// Devices talk with the server and its channels, and nobody else with them: anybody who has an
// app's key can make one, and nobody reads what would be kept for it.
bool is_to_or_from_a_device(const Session& session, Element stanza, std::string_view domain) {
  const std::string_view address = stanza.attribute_or_empty("to");
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos) return false;
  if (!session.is_device() && at < middle::kDeviceIdBytes) return false;
  const auto to = parse_jid(address);
  if (!to || to->domain != domain || to->local == session.account().value()) return false;
  return session.is_device() || middle::is_device_id(to->local);
}

}  // namespace

Im::Im(SessionHost& host) : host_(host), roster_(host), presence_(host, roster_), messages_(host) {
  roster_.set_presence(presence_);
}

Im::~Im() = default;

void Im::on_stanza(Session& session, Element stanza, InboundToken token) {
  if (is_to_or_from_a_device(session, stanza, host_.domain)) return refuse(session, stanza, token);
  if (stanza.name() == "message") {
    messages_.on_message(session, stanza, token);
  } else if (stanza.name() == "presence") {
    presence_.on_presence(session, stanza, token);
  } else {
    on_iq(session, stanza, token);
  }
}

// An answer is not answered, and who asks for a device's presence learns nothing.
void Im::refuse(Session& session, Element stanza, InboundToken token) {
  const std::string_view type = stanza.attribute_or_empty("type");
  if (type != "error" && type != "result")
    session.send(error_reply(stanza, StanzaError::kServiceUnavailable, session.jid()));
  Session::handled(host_, token);
}

void Im::on_iq(Session& session, Element iq, InboundToken token) {
  const std::string_view type = iq.attribute_or_empty("type");
  const bool request = type == "get" || type == "set";
  const bool reply = type == "result" || type == "error";
  const Element payload = iq.first_child();
  const bool one_child = payload && !payload.next();
  // RFC 6120 sections 8.2.3 and 8.3.1: an answer is never answered, be it as bad as it may.
  if (reply && !iq.attribute("id")) return Session::handled(host_, token);
  if ((!request && !reply) || !iq.attribute("id") || (request && !one_child)) {
    session.send(error_reply(iq, StanzaError::kBadRequest, session.jid()));
    Session::handled(host_, token);
    return;
  }
  const std::string_view to = iq.attribute_or_empty("to");
  if (to.empty()) return answer_iq(session, iq, token, kToAccount);
  if (to == host_.domain) return answer_iq(session, iq, token, kToServer);
  const auto jid = parse_jid(to);
  if (!jid) {
    if (request) session.send(error_reply(iq, StanzaError::kJidMalformed, session.jid()));
    Session::handled(host_, token);
    return;
  }
  if (jid->domain != host_.domain) {
    const bool ours = is_subdomain(jid->domain, host_.domain) && jid->local.empty();
    if (ours && is_open_channel(host_, session, jid->domain))
      return answer_iq(session, iq, token, kToChannel);
    const auto why = ours ? StanzaError::kServiceUnavailable : StanzaError::kRemoteServerNotFound;
    if (request) session.send(error_reply(iq, why, session.jid()));
    Session::handled(host_, token);
    return;
  }
  if (jid->local.empty()) return answer_iq(session, iq, token, kToServer);
  if (!jid->is_bare()) return route_iq(session, iq, token, *jid);
  answer_iq(session, iq, token, jid->local == session.account().value() ? kToAccount : kToOther);
}

// Answers to the server's own requests, or to none, are nothing to answer: no request of ours waits
// for one.
void Im::answer_iq(Session& session, Element iq, InboundToken token, std::uint8_t scope) {
  const std::string_view type = iq.attribute_or_empty("type");
  if (type != "get" && type != "set") {
    Session::handled(host_, token);
    return;
  }
  const Element payload = iq.first_child();
  const bool set = type == "set";
  const IqRequest request{*this, session, iq, payload, set, scope, token};
  const IqRow* row = find_iq_row(payload.ns(), payload.name());
  if (row == nullptr || (row->scopes & scope) == 0) {
    answer_error(request, StanzaError::kServiceUnavailable);
  } else if (set ? !row->set : !row->get) {
    answer_error(request, StanzaError::kBadRequest);
  } else {
    row->handle(request);
  }
}

void Im::route_iq(Session& session, Element iq, InboundToken token, const Jid& to) {
  const std::string_view type = iq.attribute_or_empty("type");
  const bool is_request = type == "get" || type == "set";
  WriteOptions options;
  options.default_ns = "jabber:client";
  const std::string from = session.jid();
  options.set_from = from;
  middle::RouteRequest request;
  request.to = middle::XmppAccount(to.local);
  request.resource = to.resource;
  request.mode = middle::RouteMode::kFullJid;
  append_element(iq, options, request.stanza);
  std::string refusal;
  if (is_request) refusal = error_reply(iq, StanzaError::kServiceUnavailable, from);
  SessionHost& host = host_;
  host_.service->route(std::move(request),
                       [&host, token, refusal = std::move(refusal),
                        handle = session.handle()](Result<middle::RouteReply> reply) {
                         Session* sender = host.sessions.find(handle);
                         if (!reply.ok() && !refusal.empty() && sender != nullptr)
                           sender->send(refusal);
                         Session::handled(host, token);
                       });
}

// Of what others send, only chat can wait for a client that does not keep up. Answers whether the
// stanza is dealt with.
bool Im::shed(std::string_view stanza) {
  if (stanza.substr(0, 3) != "<iq") return true;
  if (host_.xml.parse_stanza({}, stanza) != StreamError::kNone) return true;
  const Element iq = host_.xml.document().root();
  if (iq.attribute_or_empty("from").empty()) return false;  // a roster's push
  Session::refuse_request(host_, iq, StanzaError::kResourceConstraint);
  return true;
}

void Im::on_routed(Session& session, middle::RoutedStanza stanza) {
  if (stanza.archived && !session.is_device()) {
    if (!need_archive_reader(session).add_live(*stanza.archived, stanza.by_feed)) return;
  } else if (session.congested() && shed(stanza.stanza)) {
    return;
  }
  session.send(stanza.stanza, stanza.archived);
}

void Im::on_receiver_gone(Session& session) {
  const ImState* state = im_state(session);
  if (state != nullptr && state->archive) state->archive->receiver_gone();
}

void Im::on_delivered(Session& session, const std::vector<middle::MessageId>& ids) {
  const ImState* state = im_state(session);
  if (state != nullptr && state->archive) state->archive->delivered(ids);
}

void Im::on_writable(Session& session, bool writable) {
  const ImState* state = im_state(session);
  if (state != nullptr && state->archive) state->archive->set_writable(writable);
}

std::vector<middle::CursorMove> Im::on_ended(Session& session) {
  return presence_.on_ended(session);
}

}  // namespace longwire::xmpp
