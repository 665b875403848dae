#include "xmpp/im/disco.h"

#include <initializer_list>

#include "xmpp/im/im.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

std::string info(std::string_view identity, std::initializer_list<std::string_view> features) {
  std::string out = "<query xmlns='http://jabber.org/protocol/disco#info'>";
  out.append(identity);
  for (const std::string_view feature : features)
    out.append("<feature var='").append(feature).append("'/>");
  return out.append("</query>");
}

std::string server_info() {
  return info("<identity category='server' type='im' name='Longwire'/>",
              {ns::kDiscoInfo, ns::kDiscoItems, ns::kPing, ns::kVersion, ns::kTime, ns::kRoster,
               "msgoffline", ns::kStreamLimits});
}

std::string account_info() {
  return info("<identity category='account' type='registered'/>",
              {ns::kDiscoInfo, ns::kDiscoItems, ns::kPing, ns::kStanzaIds});
}

std::string channel_info() {
  return info("<identity category='component' type='generic'/>",
              {ns::kDiscoInfo, ns::kDiscoItems, ns::kPing, ns::kChannel});
}

std::string channel_items(const IqRequest& request) {
  std::string out;
  const SessionHost& host = request.im.host();
  if (host.channels == nullptr) return out;
  for (const auto& channel : host.channels->all()) {
    if (channel->devices_only() && !request.session.is_device()) continue;
    out.append("<item jid='").append(channel->name()).append(".").append(host.domain);
    out.append("'/>");
  }
  return out;
}

}  // namespace

void answer_disco_info(const IqRequest& request) {
  if (!request.payload.attribute_or_empty("node").empty()) {
    answer_error(request, StanzaError::kItemNotFound);
  } else if (request.scope == kToServer) {
    answer_result(request, server_info());
  } else if (request.scope == kToAccount) {
    answer_result(request, account_info());
  } else {
    answer_result(request, channel_info());
  }
}

void answer_disco_items(const IqRequest& request) {
  if (!request.payload.attribute_or_empty("node").empty()) {
    answer_error(request, StanzaError::kItemNotFound);
    return;
  }
  std::string out = "<query xmlns='http://jabber.org/protocol/disco#items'>";
  if (request.scope == kToServer) out.append(channel_items(request));
  answer_result(request, out.append("</query>"));
}

}  // namespace longwire::xmpp
