#pragma once

// SessionTable: which account is connected where. Soft state: the truth about devices is the
// session number in their rows.

#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "middle/model/ids.h"

namespace longwire::middle {

struct LiveSession {
  std::string resource;
  NodeId node;
  SessionNumber number = 0;
};

// Loop-bound. As many sessions as the front ends hold.
class SessionTable final {
 public:
  // Answers the older sessions that this one replaces: all of a device, a user's of the same
  // resource.
  std::vector<LiveSession> open(const XmppAccount& account, LiveSession session);
  // A user's session gets its number here, above all earlier ones also of an earlier process: a
  // device's is in its row.
  SessionNumber next_number(Timestamp now);
  // Of a session that was open before, as its front end says: the number of the newer one that has
  // its place; 0: none. Numbers given later are above it.
  SessionNumber newer_than(const XmppAccount& account, const LiveSession& session);
  void close(const XmppAccount& account, const LiveSession& session);
  // All sessions of an account; empty: it is not connected.
  std::vector<LiveSession> of(const XmppAccount& account) const;
  bool online(const XmppAccount& account) const { return sessions_.contains(account); }
  void node_gone(const NodeId& node);
  // The accounts of a partition are another owner's.
  void forget(PartitionId partition, std::uint16_t partitions);

 private:
  std::unordered_map<XmppAccount, std::vector<LiveSession>> sessions_;
  SessionNumber last_number_ = 0;
};

}  // namespace longwire::middle
