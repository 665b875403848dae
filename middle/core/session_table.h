#pragma once

// SessionTable: which account is connected where. Soft state: the truth about devices is the
// session number in their rows.

#include <string>
#include <unordered_map>
#include <vector>

#include "middle/model/ids.h"

namespace longwire::middle {

struct LiveSession {
  std::string resource;
  NodeId node;
  SessionNumber number = 0;  // 0: a user's
};

// Loop-bound. As many sessions as the front ends hold.
class SessionTable final {
 public:
  // Answers the sessions that this one replaces: a device's older ones, a user's of the same
  // resource elsewhere.
  std::vector<LiveSession> open(const XmppAccount& account, LiveSession session);
  // Only this one: a user's resource may live on another node by now, under the same number.
  void close(const XmppAccount& account, const LiveSession& session);
  // All sessions of an account; empty: it is not connected.
  std::vector<LiveSession> of(const XmppAccount& account) const;
  bool online(const XmppAccount& account) const { return sessions_.contains(account); }
  void node_gone(const NodeId& node);

 private:
  std::unordered_map<XmppAccount, std::vector<LiveSession>> sessions_;
};

}  // namespace longwire::middle
