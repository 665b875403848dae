#include "middle/core/session_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace longwire::middle {

SessionNumber SessionTable::next_number(Timestamp now) {
  const auto by_clock = static_cast<SessionNumber>(std::max<std::int64_t>(now.ms, 0));
  last_number_ = std::max(last_number_ + 1, by_clock);
  return last_number_;
}

std::vector<LiveSession> SessionTable::open(const XmppAccount& account, LiveSession session) {
  auto& sessions = sessions_[account];
  const bool device = is_device_id(account.value());
  const auto replaced = [&](const LiveSession& other) {
    return other.number < session.number && (device || other.resource == session.resource);
  };
  auto first = std::stable_partition(sessions.begin(), sessions.end(),
                                     [&](const LiveSession& s) { return !replaced(s); });
  std::vector<LiveSession> older(std::make_move_iterator(first),
                                 std::make_move_iterator(sessions.end()));
  sessions.erase(first, sessions.end());
  sessions.push_back(std::move(session));
  return older;
}

SessionNumber SessionTable::newer_than(const XmppAccount& account, const LiveSession& session) {
  const bool device = is_device_id(account.value());
  if (!device) last_number_ = std::max(last_number_, session.number);
  const auto sessions = sessions_.find(account);
  if (sessions == sessions_.end()) return 0;
  SessionNumber newest = 0;
  for (const LiveSession& other : sessions->second) {
    if (device || other.resource == session.resource) newest = std::max(newest, other.number);
  }
  return newest > session.number ? newest : 0;
}

void SessionTable::close(const XmppAccount& account, const LiveSession& session) {
  auto found = sessions_.find(account);
  if (found == sessions_.end()) return;
  auto& sessions = found->second;
  sessions.erase(std::remove_if(sessions.begin(), sessions.end(),
                                [&](const LiveSession& s) {
                                  return s.resource == session.resource && s.node == session.node &&
                                         s.number == session.number;
                                }),
                 sessions.end());
  if (sessions.empty()) sessions_.erase(found);
}

std::vector<LiveSession> SessionTable::of(const XmppAccount& account) const {
  auto found = sessions_.find(account);
  return found == sessions_.end() ? std::vector<LiveSession>() : found->second;
}

void SessionTable::node_gone(const NodeId& node) {
  for (auto account = sessions_.begin(); account != sessions_.end();) {
    auto& sessions = account->second;
    sessions.erase(std::remove_if(sessions.begin(), sessions.end(),
                                  [&](const LiveSession& s) { return s.node == node; }),
                   sessions.end());
    account = sessions.empty() ? sessions_.erase(account) : std::next(account);
  }
}

void SessionTable::forget(PartitionId partition, std::uint16_t partitions) {
  std::erase_if(sessions_, [&](const auto& account) {
    return partition_of(home_of(account.first), partitions) == partition;
  });
}

}  // namespace longwire::middle
