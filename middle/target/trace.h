#pragma once

// Trace: what became of each copy of a message. Read from what is kept anyway: the message's row,
// entries, and the last steps of cursors. Functions over a partition's rows.

#include <vector>

#include "middle/partition/transaction.h"
#include "middle/service.h"
#include "middle/target/accept.h"

namespace longwire::middle {

inline constexpr std::size_t kTraceCopiesMax = 1000;

// An entry of a topic's or app's feed, as its owner knows it.
struct SharedEntry {
  FeedId feed;
  Entry entry;  // with its number; without body
  std::optional<Timestamp> recalled;
  std::optional<Timestamp> collapsed;  // hidden by a newer one since
};

// At the home: what is known of the message as a whole. kNotFound: no such message.
struct TraceHome {
  TraceReply reply;  // with this partition's copies
  std::vector<std::pair<PartitionId, std::vector<RegId>>> remote;
  std::optional<SharedEntry> shared;
};
Result<TraceHome> trace_home(Transaction& transaction, const MessageId& id);

// The copies of this partition; those of `expected` that did not arrive yet are waiting.
Result<std::vector<TraceCopy>> trace_copies(Transaction& transaction, const MessageId& id,
                                            const std::vector<RegId>& expected);

// The ends of a shared entry for some readers of this partition.
Result<std::vector<TraceCopy>> trace_shared(Transaction& transaction, const SharedEntry& shared,
                                            const std::vector<RegId>& readers);

}  // namespace longwire::middle
