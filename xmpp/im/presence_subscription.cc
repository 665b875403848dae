#include <utility>

#include "xmpp/im/im_state.h"
#include "xmpp/im/presence.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

// What a request may say (a status, a nickname) until the owner answers it. Of a longer one only
// the request is kept.
constexpr std::size_t kKeptRequestBytesMax = 2'048;

using Edited = Result<std::pair<SubscriptionChange, middle::RosterItem>>;

// The stanza as it goes on: from and to are bare (RFC 6121 section 3.1.2).
std::string subscription_stanza(Element presence, std::string_view from, std::string_view to) {
  WriteOptions options;
  options.default_ns = ns::kClient;
  options.set_from = from;
  options.set_to = to;
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
  roster_.edit(
      from.account, bare.bare(),
      [kind](middle::RosterItem& item) { return send_subscription(item, kind); },
      [this, &host, token, kind, from, bare, handle = session.handle(), stanza = std::move(stanza),
       refusal = std::move(refusal)](Edited edited) mutable {
        if (!edited.ok()) {
          if (Session* sender = host.sessions.find(handle)) sender->send(refusal);
          return Session::handled(host, token);
        }
        const SubscriptionChange& change = edited->first;
        if (change.push) roster_.push(edited->second, false);
        if (change.now_hidden) hide_owner(from.account, bare.bare());
        if (change.pass_on) receive(from, bare, kind, std::move(stanza));
        Session::handled(host, token);
      });
}

void Presence::receive(const From& from, const Jid& to, SubscriptionKind kind, std::string stanza) {
  const middle::XmppAccount owner(to.local);
  const std::string owner_bare = to.bare();
  SessionHost& host = host_;
  // Without an account there is no roster to change; the sender is told nothing (section 3.1.3).
  host_.service->credentials(owner, [this, &host, from, owner, owner_bare, kind,
                                     stanza = std::move(stanza)](
                                        Result<middle::Credentials> account) mutable {
    (void)host;
    if (!account.ok()) return;
    const std::string kept =
        stanza.size() <= kKeptRequestBytesMax ? stanza : plain_stanza(kind, from.bare, owner_bare);
    roster_.edit(
        owner, from.bare,
        [kind, kept](middle::RosterItem& item) {
          const SubscriptionChange change = receive_subscription(item, kind);
          if (kind == SubscriptionKind::kSubscribe && change.changed) item.pending_stanza = kept;
          return change;
        },
        [this, from, owner, owner_bare, kind, stanza = std::move(stanza)](Edited edited) mutable {
          if (!edited.ok()) return;
          const SubscriptionChange& change = edited->first;
          if (change.push) roster_.push(edited->second, false);
          const bool request = kind == SubscriptionKind::kSubscribe;
          if (change.pass_on)
            send_to(owner_bare, std::move(stanza),
                    request ? middle::RouteMode::kAllAvailable : middle::RouteMode::kAllInterested);
          if (change.now_hidden) hide_owner(owner, from.bare);
          if (change.answer) {
            const Jid asker{from.account.value(), host_.domain, {}};
            receive({owner, owner_bare, owner_bare}, asker, SubscriptionKind::kSubscribed,
                    plain_stanza(SubscriptionKind::kSubscribed, owner_bare, from.bare));
          }
          // The other side may see us from now on: it gets what we are.
          if (kind == SubscriptionKind::kSubscribed && change.changed)
            show_owner(from.account, owner_bare);
        });
  });
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
