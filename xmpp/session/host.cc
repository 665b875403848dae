#include "xmpp/session/host.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {

SessionTable::SessionTable() = default;
SessionTable::~SessionTable() { accounts_.clear(); }

void SessionTable::add(std::unique_ptr<Session> session) {
  accounts_[session->account().value()].push_back(std::move(session));
}

std::unique_ptr<Session> SessionTable::take(Session& session) {
  const auto found = accounts_.find(session.account().value());
  CHECK(found != accounts_.end());
  auto& list = found->second;
  const auto place = std::find_if(list.begin(), list.end(),
                                  [&](const auto& owned) { return owned.get() == &session; });
  CHECK(place != list.end());
  std::unique_ptr<Session> taken = std::move(*place);
  list.erase(place);
  if (list.empty()) accounts_.erase(found);
  return taken;
}

Session* SessionTable::find(const middle::XmppAccount& account, std::string_view resource) const {
  const auto found = accounts_.find(account.value());
  if (found == accounts_.end()) return nullptr;
  for (const auto& session : found->second)
    if (session->resource() == resource) return session.get();
  return nullptr;
}

std::vector<Session*> SessionTable::of(const middle::XmppAccount& account) const {
  std::vector<Session*> sessions;
  const auto found = accounts_.find(account.value());
  if (found == accounts_.end()) return sessions;
  for (const auto& session : found->second) sessions.push_back(session.get());
  return sessions;
}

std::size_t SessionTable::count_of(const middle::XmppAccount& account) const {
  const auto found = accounts_.find(account.value());
  return found == accounts_.end() ? 0 : found->second.size();
}

void SessionTable::name_resumption(const std::string& name, SessionHandle session) {
  resumptions_[name] = session;
}

void SessionTable::forget_resumption(const std::string& name) { resumptions_.erase(name); }

Session* SessionTable::find_resumption(const std::string& name) const {
  const auto found = resumptions_.find(name);
  return found == resumptions_.end() ? nullptr : handles_.find(found->second);
}

XmppMetrics make_xmpp_metrics(Metrics& metrics) {
  return {
      .logins = metrics.counter("longwire_xmpp_logins_total", "Sessions bound or resumed."),
      .login_failures = metrics.counter("longwire_xmpp_login_failures_total", "Wrong credentials."),
      .resumptions = metrics.counter("longwire_xmpp_resumptions_total", "Sessions resumed."),
      .stanzas_in = metrics.counter("longwire_xmpp_stanzas_in_total", "Stanzas received."),
      .stanzas_out = metrics.counter("longwire_xmpp_stanzas_out_total",
                                     "Stanzas sent, without frames of channels."),
      .pushes_out = metrics.counter("longwire_xmpp_frames_out_total", "Frames of channels sent."),
      .bytes_in = metrics.counter("longwire_xmpp_bytes_in_total", "Plaintext bytes received."),
      .bytes_out = metrics.counter("longwire_xmpp_bytes_out_total", "Plaintext bytes sent."),
      .connections = metrics.gauge("longwire_xmpp_connections", "Open connections."),
      .sessions = metrics.gauge("longwire_xmpp_sessions", "Bound sessions, detached ones too."),
  };
}

}  // namespace longwire::xmpp
