#include "middle/route/presence_table.h"

#include <algorithm>

namespace longwire::middle {

Status PresenceTable::open(const OpenSessionRequest& session, SessionNumber number) {
  auto found = accounts_.find(session.account);
  if (session.resources_max > 0 && found != accounts_.end() &&
      found->second.size() >= session.resources_max &&
      find(session.account, session.resource) == nullptr)
    return Error{ErrorCode::kResourceExhausted, "too many resources of this account"};
  SessionPresence presence;
  presence.account = session.account;
  presence.resource = session.resource;
  presence.node = session.node;
  presence.session = number;
  set(std::move(presence));
  return {};
}

void PresenceTable::set(SessionPresence presence) {
  auto& sessions = accounts_[presence.account];
  auto same = std::find_if(sessions.begin(), sessions.end(), [&](const SessionPresence& other) {
    return other.resource == presence.resource;
  });
  if (same == sessions.end()) {
    sessions.push_back(std::move(presence));
  } else if (presence.session >= same->session) {
    *same = std::move(presence);
  }
}

bool PresenceTable::remove(const OpenSessionRequest& session, SessionNumber number) {
  auto found = accounts_.find(session.account);
  if (found == accounts_.end()) return false;
  const auto removed = std::erase_if(found->second, [&](const SessionPresence& known) {
    return known.resource == session.resource && known.session == number;
  });
  if (found->second.empty()) accounts_.erase(found);
  return removed > 0;
}

std::vector<SessionPresence> PresenceTable::node_gone(const NodeId& node) {
  std::vector<SessionPresence> gone;
  for (auto it = accounts_.begin(); it != accounts_.end();) {
    std::erase_if(it->second, [&](SessionPresence& session) {
      if (session.node != node) return false;
      gone.push_back(std::move(session));
      return true;
    });
    it = it->second.empty() ? accounts_.erase(it) : std::next(it);
  }
  return gone;
}

const SessionPresence* PresenceTable::find(const XmppAccount& account,
                                           std::string_view resource) const {
  auto found = accounts_.find(account);
  if (found == accounts_.end()) return nullptr;
  for (const SessionPresence& session : found->second) {
    if (session.resource == resource) return &session;
  }
  return nullptr;
}

std::vector<SessionPresence> PresenceTable::sessions(const XmppAccount& account) const {
  auto found = accounts_.find(account);
  return found == accounts_.end() ? std::vector<SessionPresence>() : found->second;
}

std::vector<const SessionPresence*> PresenceTable::choose(const XmppAccount& account,
                                                          std::string_view resource,
                                                          RouteMode mode) const {
  std::vector<const SessionPresence*> chosen;
  auto found = accounts_.find(account);
  if (found == accounts_.end()) return chosen;
  int highest = 0;
  for (const SessionPresence& session : found->second) {
    if (session.available) highest = std::max(highest, static_cast<int>(session.priority));
  }
  for (const SessionPresence& session : found->second) {
    bool meant = false;
    switch (mode) {
      case RouteMode::kFullJid:
        meant = session.resource == resource;
        break;
      case RouteMode::kBareChat:
        meant = session.available && session.priority == highest;
        break;
      case RouteMode::kAllWelcoming:
        meant = session.available && session.priority >= 0;
        break;
      case RouteMode::kAllAvailable:
        meant = session.available;
        break;
      case RouteMode::kAllInterested:
        meant = session.wants_roster;
        break;
    }
    if (meant) chosen.push_back(&session);
  }
  return chosen;
}

}  // namespace longwire::middle
