#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"
#include "xmpp/session/stream.h"

namespace longwire::xmpp {
namespace {

// The name in "<name>.<domain>", in lower case; empty for any other address.
std::string channel_name(std::string_view address, std::string_view domain) {
  const std::string to = ascii_lower(address);
  if (to.size() < domain.size() + 2 || !to.ends_with(domain)) return {};
  const std::string name = to.substr(0, to.size() - domain.size());
  if (name.back() != '.' || name.find_first_of("@/.") != name.size() - 1) return {};
  return name.substr(0, name.size() - 1);
}

std::string result_with_frame(const std::string& id, std::string_view from, BytesView frame) {
  std::string out = "<iq type='result'";
  append_attribute("id", id, out);
  append_attribute("from", from, out);
  out.append("><frame xmlns='urn:longwire:channel:1'>");
  base64_append(frame, out);
  return out.append("</frame></iq>");
}

std::string error_of(const std::string& id, std::string_view from, const Error& error) {
  std::string out = "<iq type='error'";
  append_attribute("id", id, out);
  append_attribute("from", from, out);
  out.push_back('>');
  append_stanza_error(stanza_error_of(error), error.message, out);
  return out.append("</iq>");
}

}  // namespace

channels::ChannelHandler* Session::channel(std::string_view name) {
  for (auto& open : channels_)
    if (open.first->name() == name) return open.second.get();
  return nullptr;
}

bool Session::on_channel_stanza(Element stanza, InboundToken token) {
  const std::string name = channel_name(stanza.attribute_or_empty("to"), host_.domain);
  if (name.empty()) return false;
  const Element frame = stanza.child("frame", ns::kChannel);
  if (!frame) return false;
  const std::string_view type = stanza.attribute_or_empty("type");
  channels::ChannelHandler* handler = channel(name);
  if (stanza.name() == "iq" && type == "set") {
    if (handler == nullptr) {
      send(error_reply(stanza, StanzaError::kServiceUnavailable, jid()));
      handled(host_, token);
    } else {
      on_channel_request(*handler, stanza, token);
    }
    return true;
  }
  if (stanza.name() != "message" || type != "headline") return false;
  const auto bytes = base64_decode(frame.text());
  // A frame without answer: one that nobody takes, or that is broken, is dropped.
  if (handler != nullptr && bytes) handler->on_frame(*bytes);
  handled(host_, token);
  return true;
}

void Session::on_channel_request(channels::ChannelHandler& handler, Element stanza,
                                 InboundToken token) {
  const auto bytes = base64_decode(stanza.child("frame", ns::kChannel).text());
  if (!bytes) {
    send(error_reply(stanza, StanzaError::kBadRequest, jid()));
    handled(host_, token);
    return;
  }
  SessionHost& host = host_;
  handler.on_request(
      *bytes, [&host, handle = handle_, token, id = std::string(stanza.attribute_or_empty("id")),
               from = std::string(stanza.attribute_or_empty("to"))](Result<Bytes> reply) {
        if (Session* session = host.sessions.find(handle))
          session->send(reply.ok() ? result_with_frame(id, from, *reply)
                                   : error_of(id, from, reply.error()));
        handled(host, token);
      });
}

}  // namespace longwire::xmpp
