#pragma once

// SendPlan: a checked request, with everything that was decided before its commit. Stored as it is
// while a scheduled send waits.

#include <optional>
#include <string>
#include <vector>

#include "middle/partition/transaction.h"
#include "middle/service.h"
#include "middle/target/target_lanes.h"

namespace longwire::middle {

inline constexpr std::size_t kSendNamesMax = 1000;
inline constexpr std::size_t kSendTagsMax = 5;
inline constexpr std::size_t kBodyBytesMax = 64 * 1024;
inline constexpr std::size_t kIdempotencyKeyMax = 128;

struct SendPlan {
  MessageId id;
  SendRequest request;  // time_to_live is the effective one
  // The same id may have been tried before: it is looked up, and refused where it is too old.
  bool may_repeat = false;
  bool scheduled = false;  // fired now: counts only while its schedule still stands
};

// Checks form and limits, and sets the effective time to live and the id (with its home).
Result<SendPlan> make_plan(SendRequest request, Timestamp now, Random& random,
                           std::chrono::milliseconds ttl_default,
                           std::chrono::milliseconds ttl_max);

// Where a request belongs: by the first of its well-formed targets, in the order of their names.
// Fixed by the request alone, whatever the order they come in, so that a repeat comes to the same
// partition.
Result<std::uint16_t> home_of(const SendRequest& request);

// The feed that a topic or broadcast send goes to: one tag has its own; an expression over several
// goes to the app's, since a tag's interval is known in numbers of its own topic and of the app's
// feed, not of another topic's. Sets `filter` in the second case.
FeedId feed_of(const SendRequest& request, std::optional<TagExpression>& filter);

Bytes schedule_key(Timestamp when, const MessageId& id);
Bytes claim_key(const AppId& app, std::string_view idempotency_key);
Bytes encode(const SendPlan& plan);
Status decode(BytesView bytes, SendPlan& plan);

}  // namespace longwire::middle
