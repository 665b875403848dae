#pragma once

// PresenceTable: who of an account is connected where, and which of its sessions a stanza is for.
// Soft state at the owner of the account's partition: lost with it, told anew by the front ends.
//
// Limits: resources per account, as the front end that opens a session says; beyond it a new one is
// refused (kResourceExhausted).

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "middle/service.h"

namespace longwire::middle {

// Loop-bound to the partition's executor. Pointers stay valid until the next change.
class PresenceTable final {
 public:
  // Enters a session that has shown nothing yet; one of the same resource is replaced.
  Status open(const OpenSessionRequest& session, SessionNumber number);
  // What the session (account, resource) is now, unless a newer one has replaced it. One that is
  // neither available nor wants its roster stays, for kFullJid, until remove().
  void set(SessionPresence presence);
  // Only if it is still this session that the resource names.
  bool remove(const OpenSessionRequest& session, SessionNumber number);
  // Answers the sessions it had.
  std::vector<SessionPresence> node_gone(const NodeId& node);

  const SessionPresence* find(const XmppAccount& account, std::string_view resource) const;
  std::vector<SessionPresence> sessions(const XmppAccount& account) const;

  // The sessions that a stanza is for. kBareChat: the available ones of the highest priority, where
  // that is not negative (RFC 6121 section 8.5.2.1.1).
  std::vector<const SessionPresence*> choose(const XmppAccount& account, std::string_view resource,
                                             RouteMode mode) const;

  std::size_t accounts() const { return accounts_.size(); }

 private:
  std::unordered_map<XmppAccount, std::vector<SessionPresence>> accounts_;
};

}  // namespace longwire::middle
