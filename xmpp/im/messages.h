#pragma once

// One-to-one messages (RFC 6121 section 5 and 8.5). A message of type chat or normal with a body
// goes to its account's archive; the sender's acknowledgement waits until it is there.

#include "xmpp/protocol/jid.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

// What only servers say in a stanza (XEP-0203, XEP-0359); from a client it would be a forgery.
bool is_forged(Element child);

// Loop-bound.
class Messages final {
 public:
  explicit Messages(SessionHost& host) : host_(host) {}
  void on_message(Session& session, Element message, InboundToken token);

 private:
  struct Outgoing;
  void route(Session& session, Outgoing outgoing, InboundToken token);
  void refuse(Session& session, Element message, InboundToken token, StanzaError error);

  SessionHost& host_;
};

}  // namespace longwire::xmpp
