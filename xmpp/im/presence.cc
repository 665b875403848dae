#include "xmpp/im/presence.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "xmpp/im/im_state.h"
#include "xmpp/im/messages.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

// It is kept, and shown to every contact at each of their logins.
constexpr std::size_t kPresenceBytesMax = 10'000;

constexpr std::size_t kDirectedMax = 200;

// Empty: not a priority (RFC 6121 section 4.7.2.3).
std::optional<std::int8_t> priority_of(Element presence) {
  const Element element = presence.child("priority", ns::kClient);
  if (!element) return std::int8_t{0};
  const std::string_view text = element.text();
  int value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size() ||
      value < -128 || value > 127)
    return std::nullopt;
  return static_cast<std::int8_t>(value);
}

std::string rewritten(Element presence, std::string_view from, std::string_view to) {
  WriteOptions options;
  options.default_ns = ns::kClient;
  options.set_from = from;
  options.set_to = to;
  options.drop_to = true;
  options.drop_child = is_forged;
  std::string out;
  append_element(presence, options, out);
  return out;
}

std::string unavailable(std::string_view from) {
  std::string out = "<presence";
  append_attribute("from", from, out);
  return out.append(" type='unavailable'/>");
}

std::vector<middle::CursorMove> stop_archive(ImState& state) {
  return state.archive ? state.archive->stop() : std::vector<middle::CursorMove>();
}

}  // namespace

std::string addressed(const std::string& presence, std::string_view to) {
  constexpr std::string_view kStart = "<presence";
  std::string out(kStart);
  append_attribute("to", to, out);
  return out.append(presence, kStart.size());
}

Presence::From Presence::from_of(const Session& session) const {
  return {session.account(), session.bare_jid(), session.jid()};
}

std::optional<middle::XmppAccount> Presence::local_account(const std::string& bare) const {
  const std::size_t at = bare.find('@');
  if (at == std::string::npos || bare.compare(at + 1, std::string::npos, host_.domain) != 0)
    return std::nullopt;
  return middle::XmppAccount(bare.substr(0, at));
}

void Presence::send_to(const std::string& bare, std::string stanza, middle::RouteMode mode) {
  auto account = local_account(bare);
  if (!account) return;
  middle::RouteRequest request;
  request.to = std::move(*account);
  request.mode = mode;
  request.stanza = std::move(stanza);
  host_.service->route(std::move(request), [](Result<middle::RouteReply>) {});
}

void Presence::on_presence(Session& session, Element presence, InboundToken token) {
  const std::string_view type = presence.attribute_or_empty("type");
  const std::string_view address = presence.attribute_or_empty("to");
  if (address.empty()) {
    if (type.empty()) return on_available(session, presence, token);
    if (type == "unavailable") return on_unavailable(session, presence, token);
    if (type != "error")
      session.send(error_reply(presence, StanzaError::kBadRequest, session.jid()));
    return Session::handled(host_, token);
  }
  const auto to = parse_jid(address);
  if (!to) {
    if (type != "error")
      session.send(error_reply(presence, StanzaError::kJidMalformed, session.jid()));
    return Session::handled(host_, token);
  }
  if (const auto kind = subscription_kind(type))
    return on_subscription(session, presence, token, *kind, *to);
  if (type.empty() || type == "unavailable" || type == "error")
    return on_directed(session, presence, token, *to);
  // Probes are for servers.
  if (type != "probe") session.send(error_reply(presence, StanzaError::kBadRequest, session.jid()));
  Session::handled(host_, token);
}

middle::SessionPresence Presence::of(Session& session) const {
  middle::SessionPresence presence;
  presence.account = session.account();
  presence.resource = session.resource();
  presence.node = host_.node;
  presence.session = session.number();
  const ImState* state = im_state(session);
  if (state == nullptr) return presence;
  presence.available = state->available;
  presence.priority = state->priority;
  presence.wants_roster = state->wants_roster;
  presence.presence = state->presence;
  return presence;
}

void Presence::announce(Session& session, std::function<void()> done) {
  host_.service->set_presence(of(session), [done = std::move(done)](Result<void> set) {
    if (set.ok() && done) done();
  });
}

void Presence::on_available(Session& session, Element presence, InboundToken token) {
  const auto priority = priority_of(presence);
  if (!priority) {
    session.send(error_reply(presence, StanzaError::kBadRequest, session.jid()));
    return Session::handled(host_, token);
  }
  std::string shown = rewritten(presence, session.jid(), {});
  if (shown.size() > kPresenceBytesMax) {
    session.send(error_reply(presence, StanzaError::kPolicyViolation, session.jid()));
    return Session::handled(host_, token);
  }
  ImState& state = need_im_state(session);
  const bool first = !state.available;
  state.available = true;
  state.priority = *priority;
  state.presence = std::move(shown);
  if (state.priority < 0) host_.service->acknowledge(stop_archive(state), [](Result<void>) {});
  SessionHost& host = host_;
  announce(session, [this, &host, first, handle = session.handle()] {
    Session* later = host.sessions.find(handle);
    if (later == nullptr) return;
    ImState& now = need_im_state(*later);
    if (!now.available) return;
    broadcast(from_of(*later), now.presence);
    follow_archive(*later, now);
    if (first) became_available(*later);
  });
  Session::handled(host_, token);
}

void Presence::follow_archive(Session& session, ImState& state) {
  if (state.priority < 0 || session.is_device()) return;
  need_archive_reader(session).start();
}

void Presence::became_available(Session& session) {
  show_presences(session.handle(), session.account(), session.resource());
  probe_contacts(session);
  show_pending_requests(session.handle(), session.account());
}

void Presence::broadcast(const From& from, const std::string& stanza) {
  send_to(from.bare, stanza, middle::RouteMode::kAllAvailable);
  host_.service->get_roster(from.account, [this,
                                           stanza](Result<std::vector<middle::RosterItem>> items) {
    if (!items.ok()) return;
    for (const auto& item : *items)
      if ((item.subscription & kSubscriptionFrom) != 0)
        send_to(item.contact, addressed(stanza, item.contact), middle::RouteMode::kAllAvailable);
  });
}

void Presence::probe_contacts(Session& session) {
  host_.service->get_roster(
      session.account(), [this, handle = session.handle(),
                          from = from_of(session)](Result<std::vector<middle::RosterItem>> items) {
        if (!items.ok()) return;
        for (const auto& item : *items)
          if ((item.subscription & kSubscriptionTo) != 0) probe(handle, from, item.contact);
      });
}

void Presence::probe(SessionHandle asking, const From& from, const std::string& contact) {
  const auto account = local_account(contact);
  if (!account) return;
  // Our side's word is not enough: the contact's roster decides who may see it.
  host_.service->get_roster_item(
      *account, from.bare,
      [this, asking, account = *account](Result<std::optional<middle::RosterItem>> item) {
        if (!item.ok() || !item->has_value()) return;
        if (((*item)->subscription & kSubscriptionFrom) != 0) show_presences(asking, account, {});
      });
}

void Presence::show_presences(SessionHandle asking, const middle::XmppAccount& account,
                              const std::string& except_resource) {
  SessionHost& host = host_;
  host_.service->presences(
      account, [&host, asking, except_resource](Result<std::vector<middle::SessionPresence>> all) {
        Session* session = host.sessions.find(asking);
        if (session == nullptr || !all.ok()) return;
        for (const auto& other : *all) {
          if (!other.available || other.presence.empty()) continue;
          if (!except_resource.empty() && other.resource == except_resource) continue;
          session->send(addressed(other.presence, session->jid()));
        }
      });
}

void Presence::show_pending_requests(SessionHandle asking, const middle::XmppAccount& account) {
  SessionHost& host = host_;
  host_.service->get_roster(account,
                            [&host, asking](Result<std::vector<middle::RosterItem>> items) {
                              Session* session = host.sessions.find(asking);
                              if (session == nullptr || !items.ok()) return;
                              for (const auto& item : *items)
                                if (item.pending_in && !item.pending_stanza.empty())
                                  session->send(item.pending_stanza);
                            });
}

void Presence::on_unavailable(Session& session, Element presence, InboundToken token) {
  ImState* state = im_state(session);
  if (state != nullptr) withdraw_directed(*state, rewritten(presence, session.jid(), {}));
  if (state != nullptr && state->available) {
    broadcast(from_of(session), rewritten(presence, session.jid(), {}));
    state->available = false;
    state->presence.clear();
    host_.service->acknowledge(stop_archive(*state), [](Result<void>) {});
    announce(session, nullptr);
  }
  Session::handled(host_, token);
}

void Presence::withdraw_directed(ImState& state, const std::string& stanza) {
  for (const std::string& address : std::exchange(state.directed, {}))
    if (const auto to = parse_jid(address)) send_directed(*to, addressed(stanza, address));
}

void Presence::send_directed(const Jid& to, std::string stanza) {
  middle::RouteRequest request;
  request.to = middle::XmppAccount(to.local);
  request.resource = to.resource;
  request.mode = to.is_bare() ? middle::RouteMode::kAllAvailable : middle::RouteMode::kFullJid;
  request.stanza = std::move(stanza);
  host_.service->route(std::move(request), [](Result<middle::RouteReply>) {});
}

void Presence::on_directed(Session& session, Element presence, InboundToken token, const Jid& to) {
  Session::handled(host_, token);
  const std::string_view type = presence.attribute_or_empty("type");
  if (to.domain != host_.domain) {
    const bool ours = to.domain.substr(to.domain.find('.') + 1) == host_.domain;
    if (!ours && type != "error")
      session.send(error_reply(presence, StanzaError::kRemoteServerNotFound, session.jid()));
    return;
  }
  if (to.local.empty()) return;
  const std::string full = to.full();
  ImState& state = need_im_state(session);
  const auto known = std::find(state.directed.begin(), state.directed.end(), full);
  if (type.empty() && known == state.directed.end()) {
    if (state.directed.size() >= kDirectedMax) return;
    state.directed.push_back(full);
  }
  if (type == "unavailable" && known != state.directed.end()) state.directed.erase(known);
  send_directed(to, rewritten(presence, session.jid(), full));
}

std::vector<middle::CursorMove> Presence::on_ended(Session& session) {
  ImState* state = im_state(session);
  if (state == nullptr) return {};
  std::vector<middle::CursorMove> moves;
  if (const auto archive = std::exchange(state->archive, nullptr)) moves = archive->settle();
  const From from = from_of(session);
  const std::string stanza = unavailable(from.full);
  withdraw_directed(*state, stanza);
  if (std::exchange(state->available, false)) broadcast(from, stanza);
  return moves;
}

}  // namespace longwire::xmpp
