#include "xmpp/im/iq_table.h"

#include <array>

#include "xmpp/im/disco.h"
#include "xmpp/im/im.h"
#include "xmpp/im/timestamps.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

void answer_ping(const IqRequest& request) { answer_result(request, {}); }

void answer_version(const IqRequest& request) {
  answer_result(request,
                "<query xmlns='jabber:iq:version'><name>Longwire</name><version>0.1.0</version>"
                "</query>");
}

void answer_time(const IqRequest& request) {
  const std::string now = utc_text(request.im.host().clock().now());
  answer_result(request,
                "<time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>" + now + "</utc></time>");
}

void answer_session(const IqRequest& request) { answer_result(request, {}); }

void answer_roster(const IqRequest& request) {
  // Whether another's account exists is not told.
  if (request.scope == kToOther) {
    answer_error(request, request.set ? StanzaError::kForbidden : StanzaError::kServiceUnavailable);
  } else if (request.set) {
    request.im.roster().set(request);
  } else {
    request.im.roster().get(request);
  }
}

constexpr std::uint8_t kAnywhere = kToServer | kToAccount | kToChannel;
constexpr std::array kRows = {
    IqRow{ns::kPing, "ping", kAnywhere, true, false, answer_ping},
    IqRow{ns::kRoster, "query", kToAccount | kToOther, true, true, answer_roster},
    IqRow{ns::kDiscoInfo, "query", kAnywhere, true, false, answer_disco_info},
    IqRow{ns::kDiscoItems, "query", kAnywhere, true, false, answer_disco_items},
    IqRow{ns::kVersion, "query", kToServer, true, false, answer_version},
    IqRow{ns::kTime, "time", kToServer, true, false, answer_time},
    // RFC 3921: clients of before 2011 still ask.
    IqRow{ns::kSession, "session", kToServer | kToAccount, false, true, answer_session},
};

}  // namespace

const IqRow* find_iq_row(std::string_view ns, std::string_view element) {
  for (const IqRow& row : kRows)
    if (row.ns == ns && row.element == element) return &row;
  return nullptr;
}

std::string result_head(Element iq) {
  std::string out = "<iq type='result'";
  append_attribute("id", iq.attribute_or_empty("id"), out);
  if (const auto to = iq.attribute("to"); to && !to->empty()) append_attribute("from", *to, out);
  return out;
}

void answer_result(const IqRequest& request, std::string_view payload) {
  std::string out = result_head(request.iq);
  if (payload.empty()) {
    out.append("/>");
  } else {
    out.append(">").append(payload).append("</iq>");
  }
  request.session.send(out);
  Session::handled(request.im.host(), request.token);
}

void answer_error(const IqRequest& request, StanzaError error) {
  request.session.send(error_reply(request.iq, error, request.session.jid()));
  Session::handled(request.im.host(), request.token);
}

}  // namespace longwire::xmpp
