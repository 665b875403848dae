#pragma once

// Im: instant messaging on top of sessions: who answers which stanza. One per loop.
//
// Later modules (carbons, archive queries, rooms, …) join here: an iq is a row in the table of
// iq_table.cc; messages and presence pass through messages.cc and presence.cc.

#include <memory>
#include <string>
#include <string_view>

#include "xmpp/im/messages.h"
#include "xmpp/im/presence.h"
#include "xmpp/im/roster.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

// Loop-bound.
class Im final : public StanzaHandler {
 public:
  explicit Im(SessionHost& host);
  ~Im() override;

  void on_stanza(Session& session, Element stanza, InboundToken token) override;
  void on_routed(Session& session, middle::RoutedStanza stanza) override;
  void on_receiver_gone(Session& session) override;
  void on_delivered(Session& session, const std::vector<middle::MessageId>& ids) override;
  void on_writable(Session& session, bool writable) override;
  std::vector<middle::CursorMove> on_ended(Session& session) override;

  middle::SessionPresence presence_of(Session& session) const { return presence_.of(session); }

  SessionHost& host() { return host_; }
  Roster& roster() { return roster_; }

 private:
  void refuse(Session& session, Element stanza, InboundToken token);
  void on_iq(Session& session, Element iq, InboundToken token);
  void answer_iq(Session& session, Element iq, InboundToken token, std::uint8_t scope);
  bool shed(std::string_view stanza);
  void route_iq(Session& session, Element iq, InboundToken token, const Jid& to);

  SessionHost& host_;
  Roster roster_;
  Presence presence_;
  Messages messages_;
};

}  // namespace longwire::xmpp
