#pragma once

// Presence and subscriptions (RFC 6121 sections 3 and 4): who is told that a resource is there, who
// may know, and how two accounts agree about it. Both accounts live here, so the server keeps both
// sides' roster items.

#include <functional>
#include <string>
#include <string_view>

#include "xmpp/im/roster.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

struct ImState;

// A stored presence with a `to`: every one of ours begins the same way.
std::string addressed(const std::string& presence, std::string_view to);

// Loop-bound.
class Presence final {
 public:
  Presence(SessionHost& host, Roster& roster) : host_(host), roster_(roster) {}

  void on_presence(Session& session, Element presence, InboundToken token);
  // What the session is now.
  middle::SessionPresence of(Session& session) const;
  // Tells the middle of it. `done` (may be empty) once it knows.
  void announce(Session& session, std::function<void()> done);
  // The owner removed the contact from its roster: what existed between the two ends.
  void contact_removed(const middle::RosterItem& item);
  // Answers what the middle does not know yet of the session's cursors.
  std::vector<middle::CursorMove> on_ended(Session& session);

 private:
  struct From {  // the sender, who may be gone when an answer comes
    middle::XmppAccount account;
    std::string bare;
    std::string full;
  };
  From from_of(const Session& session) const;

  void on_available(Session& session, Element presence, InboundToken token);
  void on_unavailable(Session& session, Element presence, InboundToken token);
  void on_directed(Session& session, Element presence, InboundToken token, const Jid& to);
  void on_subscription(Session& session, Element presence, InboundToken token,
                       SubscriptionKind kind, const Jid& to);

  void withdraw_directed(ImState& state, const std::string& stanza);
  void send_directed(const Jid& to, std::string stanza);
  void became_available(Session& session);
  void broadcast(const From& from, const std::string& stanza);
  void probe_contacts(Session& session);
  void probe(SessionHandle asking, const From& from, const std::string& contact);
  void show_presences(SessionHandle asking, const middle::XmppAccount& account,
                      const std::string& except_resource);
  void show_pending_requests(SessionHandle asking, const middle::XmppAccount& account);
  void follow_archive(Session& session, ImState& state);

  // The contact's side of a subscription stanza.
  void receive(const From& from, const Jid& to, SubscriptionKind kind, std::string stanza);
  struct Received {
    From from;
    From owner;
    SubscriptionKind kind;
    std::string stanza;
  };
  void on_received(const Received& received, const Roster::Edited& edited);
  void show_owner(const middle::XmppAccount& owner, const std::string& to);
  void hide_owner(const middle::XmppAccount& owner, const std::string& to);
  void send_to(const std::string& bare, std::string stanza, middle::RouteMode mode);
  std::optional<middle::XmppAccount> local_account(const std::string& bare) const;

  SessionHost& host_;
  Roster& roster_;
};

}  // namespace longwire::xmpp
