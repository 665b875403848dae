#pragma once

// A message as the middle keeps it: what it is about, for how long, and a body it does not look
// into.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "middle/model/ids.h"

namespace longwire::middle {

// Order of service under overload: single before broadcast, high before low.
enum class Priority : std::uint8_t { kHigh = 0, kNormal = 1, kLow = 2 };

enum class TargetKind : std::uint8_t {
  kRegId = 0,
  kAlias = 1,
  kUserAccount = 2,
  kTopic = 3,
  kAll = 4
};

// Who gets a message sent to several tags. One operator for the whole list.
enum class TagOperator : std::uint8_t { kUnion = 0, kIntersection = 1, kExcept = 2 };
struct TagExpression {
  TagOperator op = TagOperator::kUnion;
  std::vector<Tag> tags;  // kExcept: the first but none of the rest; at most 5
};

enum class EntryKind : std::uint8_t {
  kMessage = 0,
  kWithdrawal = 1,  // the message `id` was recalled: take it back if it was shown
  kControl = 2,     // a server-side change of the registration; body: ControlChange as stored bytes
  kChat = 3,        // in an archive feed: body is the stanza
};

// Immutable once built; shared between loops and sessions since one entry serves many readers.
struct Entry {
  FeedNumber number = 0;
  EntryKind kind = EntryKind::kMessage;
  MessageId id;
  AppId app;  // empty in an archive
  Timestamp accepted;
  Timestamp expires;
  Priority priority = Priority::kNormal;
  std::string collapse_key;  // empty: none
  TargetKind via = TargetKind::kRegId;
  std::string via_name;  // the alias, account or topic named by the sender; empty for regId and all
  std::optional<TagExpression> filter;  // app feeds only: the reader's own tags at `number` decide
  std::vector<PackageName> packages;    // empty: all of the app; else the reader's is among them
  bool recalled = false;                // body is empty then
  Bytes body;                           // as stored at acceptance: what is sealed, byte for byte
};
using EntryPtr = std::shared_ptr<const Entry>;

// What became of one copy of a message; the named ends of design.md promise 3.
enum class CopyState : std::uint8_t {
  kWaiting,    // not yet acknowledged
  kDelivered,  // the stored cursor passed it
  kExpired,
  kRecalled,
  kCollapsed,
  kFiltered,  // the reader was not among the addressed
  kRejected,  // with a reason
};
std::string_view copy_state_name(CopyState state);  // "waiting", "delivered", …

}  // namespace longwire::middle
