#include <utility>

#include "xmpp/im/im_state.h"
#include "xmpp/im/messages.h"
#include "xmpp/im/presence.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

// What a request may say (a status, a nickname) until the owner answers it. Of a longer one only
// the request is kept.
constexpr std::size_t kKeptRequestBytesMax = 2'048;

// The stanza as it goes on: from and to are bare (RFC 6121 section 3.1.2).
std::string subscription_stanza(Element presence, std::string_view from, std::string_view to) {
  WriteOptions options;
  options.default_ns = ns::kClient;
  options.set_from = from;
  options.set_to = to;
  options.drop_child = is_forged;
  std::string out;
  append_element(presence, options, out);
  return out;
}

std::string plain_stanza(SubscriptionKind kind, std::string_view from, std::string_view to) {
  std::string out = "<presence";
  append_attribute("from", from, out);
  append_attribute("to", to, out);
  append_attribute("type", subscription_type(kind), out);
  return out.append("/>");
}

}  // namespace

void Presence::on_subscription(Session& session, Element presence, InboundToken token,
                               SubscriptionKind kind, const Jid& to) {
  SessionHost& host = host_;
  const From from = from_of(session);
  const Jid bare{to.local, to.domain, {}};
  if (to.local.empty() || bare.bare() == from.bare) return Session::handled(host_, token);
  if (to.domain != host_.domain) {
    session.send(error_reply(presence, StanzaError::kRemoteServerNotFound, session.jid()));
    return Session::handled(host_, token);
  }
  std::string stanza = subscription_stanza(presence, from.bare, bare.bare());
  std::string refusal = error_reply(presence, StanzaError::kResourceConstraint, session.jid());
  Roster::Editing editing;
  editing.owner = from.account;
  editing.contact = bare.bare();
  editing.waiting_bytes = stanza.size() + refusal.size();
  editing.change = [kind](middle::RosterItem& item) { return send_subscription(item, kind); };
  editing.done = [this, &host, token, kind, from, bare, handle = session.handle(),
                  stanza = std::move(stanza),
                  refusal = std::move(refusal)](Result<Roster::Edited> edited) mutable {
    if (!edited.ok()) {
      if (Session* sender = host.sessions.find(handle)) sender->send(refusal);
      return Session::handled(host, token);
    }
    roster_.push(*edited);
    if (edited->change.now_hidden) hide_owner(from.account, bare.bare());
    if (edited->change.pass_on) receive(from, bare, kind, std::move(stanza));
    Session::handled(host, token);
  };
  roster_.edit(std::move(editing));
}

// Without an account there is no roster to change; the sender is told nothing (section 3.1.3).
void Presence::receive(const From& from, const Jid& to, SubscriptionKind kind, std::string stanza) {
  const std::string owner_bare = to.bare();
  std::string kept =
      stanza.size() <= kKeptRequestBytesMax ? stanza : plain_stanza(kind, from.bare, owner_bare);
  Roster::Editing editing;
  editing.owner = middle::XmppAccount(to.local);
  editing.contact = from.bare;
  editing.by_contact = true;
  editing.waiting_bytes = stanza.size() + kept.size();
  editing.change = [kind, kept = std::move(kept)](middle::RosterItem& item) {
    const SubscriptionChange change = receive_subscription(item, kind);
    if (kind == SubscriptionKind::kSubscribe && change.changed) item.pending_stanza = kept;
    return change;
  };
  Received received{from, {editing.owner, owner_bare, owner_bare}, kind, std::move(stanza)};
  editing.done = [this, received = std::move(received)](Result<Roster::Edited> edited) {
    if (edited.ok()) on_received(received, *edited);
  };
  roster_.edit(std::move(editing));
}

void Presence::on_received(const Received& received, const Roster::Edited& edited) {
  const auto& [from, owner, kind, stanza] = received;
  const SubscriptionChange& change = edited.change;
  const bool request = kind == SubscriptionKind::kSubscribe;
  if (change.pass_on)
    send_to(owner.bare, stanza,
            request ? middle::RouteMode::kAllAvailable : middle::RouteMode::kAllInterested);
  roster_.push(edited);
  if (change.now_hidden) hide_owner(owner.account, from.bare);
  if (change.answer) {
    const Jid asker{from.account.value(), host_.domain, {}};
    receive(owner, asker, SubscriptionKind::kSubscribed,
            plain_stanza(SubscriptionKind::kSubscribed, owner.bare, from.bare));
  }
  // The other side may see us from now on: it gets what we are.
  if (kind == SubscriptionKind::kSubscribed && change.changed) show_owner(from.account, owner.bare);
}

void Presence::show_owner(const middle::XmppAccount& owner, const std::string& to) {
  host_.service->presences(
      owner, [this, to](Result<std::vector<middle::SessionPresence>> sessions) {
        if (!sessions.ok()) return;
        for (const auto& session : *sessions)
          if (session.available && !session.presence.empty())
            send_to(to, addressed(session.presence, to), middle::RouteMode::kAllAvailable);
      });
}

void Presence::hide_owner(const middle::XmppAccount& owner, const std::string& to) {
  host_.service->presences(owner, [this, owner,
                                   to](Result<std::vector<middle::SessionPresence>> sessions) {
    if (!sessions.ok()) return;
    for (const auto& session : *sessions) {
      if (!session.available) continue;
      std::string stanza = "<presence";
      append_attribute("from", owner.value() + "@" + host_.domain + "/" + session.resource, stanza);
      append_attribute("to", to, stanza);
      send_to(to, stanza.append(" type='unavailable'/>"), middle::RouteMode::kAllAvailable);
    }
  });
}

void Presence::contact_removed(const middle::RosterItem& item) {
  const auto contact = local_account(item.contact);
  if (!contact) return;
  const From from{item.owner, item.owner.value() + "@" + host_.domain, {}};
  const Jid to{contact->value(), host_.domain, {}};
  if ((item.subscription & kSubscriptionTo) != 0 || item.ask)
    receive(from, to, SubscriptionKind::kUnsubscribe,
            plain_stanza(SubscriptionKind::kUnsubscribe, from.bare, item.contact));
  if ((item.subscription & kSubscriptionFrom) != 0 || item.pending_in)
    receive(from, to, SubscriptionKind::kUnsubscribed,
            plain_stanza(SubscriptionKind::kUnsubscribed, from.bare, item.contact));
  if ((item.subscription & kSubscriptionFrom) != 0) hide_owner(item.owner, item.contact);
}

}  // namespace longwire::xmpp
