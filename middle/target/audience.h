#pragma once

// Who among a feed's readers an entry is for: asked for trace. A front end judges its own readers
// by the same rule (channels/push/reader_filter.h). Pure functions.

#include "middle/model/message.h"
#include "middle/model/registry.h"

namespace longwire::middle {

// Was `entry` of `feed` sent to `reader`? Its tags at the time of the send decide (the intervals in
// numbers of the app's feed), and its package. Whether it has expired is not asked.
bool entry_addresses(const Entry& entry, const FeedId& feed, const Registration& reader);

// Do `intervals` cover entry `number` of the app's feed with an expression that holds?
bool expression_holds(const TagExpression& expression, FeedNumber number,
                      const std::vector<TagInterval>& intervals);

}  // namespace longwire::middle
