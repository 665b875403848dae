#pragma once

// The iq requests that the server answers: one row each. Everything else is service-unavailable.

#include <cstdint>
#include <span>
#include <string_view>

#include "xmpp/session/host.h"

namespace longwire::xmpp {

class Im;

// To whom a request was addressed.
inline constexpr std::uint8_t kToServer = 1;   // the domain
inline constexpr std::uint8_t kToAccount = 2;  // the sender's own account, or nobody
inline constexpr std::uint8_t kToOther = 4;    // another account, the server answering for it
inline constexpr std::uint8_t kToChannel = 8;  // a channel that the sender may use

struct IqRequest {
  Im& im;
  Session& session;
  Element iq;
  Element payload;
  bool set = false;
  std::uint8_t scope = 0;
  InboundToken token;
};

struct IqRow {
  std::string_view ns;
  std::string_view element;
  std::uint8_t scopes = 0;
  bool get = true;
  bool set = false;
  // Answers with Session::send and Session::handled, now or later.
  void (*handle)(const IqRequest& request);
};
const IqRow* find_iq_row(std::string_view ns, std::string_view element);

// "<iq type='result' …>" + payload + "</iq>", then the stanza counts as handled.
void answer_result(const IqRequest& request, std::string_view payload);
void answer_error(const IqRequest& request, StanzaError error);
// For an answer that comes later: the head, up to and without '>'.
std::string result_head(Element iq);

}  // namespace longwire::xmpp
