#include "xmpp/session/stream_features.h"

#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/sasl/sasl_server.h"

namespace longwire::xmpp {

void append_plain_features(std::string& out) {
  out.append("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>");
}

void append_login_features(const ChannelBindings& bindings, std::string& out) {
  out.append("<mechanisms");
  append_attribute("xmlns", ns::kSasl, out);
  out.push_back('>');
  for (const std::string_view name : sasl_mechanisms(bindings))
    out.append("<mechanism>").append(name).append("</mechanism>");
  out.append("</mechanisms>");
  if (!bindings.any()) return;
  out.append("<sasl-channel-binding");
  append_attribute("xmlns", ns::kChannelBinding, out);
  out.push_back('>');
  for (const std::string_view type : channel_binding_types(bindings))
    out.append("<channel-binding type='").append(type).append("'/>");
  out.append("</sasl-channel-binding>");
}

void append_session_features(const XmppConfig&, std::string& out) {
  out.append(
      "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
      "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
      "<sm xmlns='urn:xmpp:sm:3'/><csi xmlns='urn:xmpp:csi:0'/>"
      "<ver xmlns='urn:xmpp:features:rosterver'/>");
}

void append_limits(std::uint32_t stanza_bytes_max, std::chrono::milliseconds idle,
                   std::string& out) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(idle).count();
  out.append("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>");
  out.append(std::to_string(stanza_bytes_max)).append("</max-bytes><idle-seconds>");
  out.append(std::to_string(seconds)).append("</idle-seconds></limits>");
}

}  // namespace longwire::xmpp
