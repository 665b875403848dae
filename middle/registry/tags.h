#pragma once

// Tags: a label on a registration, carried for an interval [since, until) in numbers of the topic's
// and the app's feed. Who gets an entry is decided by the tags at the time of the send, whenever it
// is read; so ended intervals are kept until the longest time to live has passed.

#include "middle/partition/transaction.h"
#include "middle/registry/registry_rows.h"

namespace longwire::middle {

// Last numbers of the two feeds, confirmed by a read of their heads.
struct TagTails {
  FeedNumber topic = 0;
  FeedNumber app = 0;
};

struct TagLimits {
  std::size_t tags_max = 30;         // carried at once
  std::size_t intervals_max = 4;     // ended ones, per tag
  std::chrono::milliseconds kept{};  // an ended interval, after its end
};

bool carries(const Registration& registration, const Tag& tag);

// Begins an interval at the tails. A tag that is carried already changes nothing.
// kResourceExhausted: tags_max, until another ends; kUnavailable: intervals_max, try later.
Status begin_tag(Transaction& transaction, RegistrationRow& row, const Tag& tag, TagTails tails,
                 const TagLimits& limits);
// Ends it. A tag that is not carried changes nothing.
Status end_tag(Transaction& transaction, RegistrationRow& row, const Tag& tag, TagTails tails);

// Rows for the directory's index, applied after the commit and, where that failed, after a start.
void note_topic_change(Transaction& transaction, const Registration& registration, const Tag& tag,
                       FeedNumber since, std::optional<FeedNumber> until);
// The registration ended.
void end_topic_change(Transaction& transaction, const Registration& registration, const Tag& tag,
                      FeedNumber since);

}  // namespace longwire::middle
