#pragma once

// Who among a feed's readers an entry is for. The one place of these rules: trace asks about any
// reader, a front end about its own (channels/push/push_handler.cc). Pure functions.

#include <vector>

#include "middle/model/message.h"
#include "middle/model/registry.h"

namespace longwire::middle {

// Was `entry` of `feed` sent to `reader`? Its tags at the time of the send decide (the intervals in
// numbers of the app's feed), and its package. Whether it has expired is not asked.
bool entry_addresses(const Entry& entry, const FeedId& feed, const Registration& reader);

// The same for one who follows the feed at this number, as a front end knows of its readers: what
// remains are the entry's packages and its expression.
bool entry_admits(const Entry& entry, const PackageName& package,
                  const std::vector<TagInterval>& intervals);

// Do `intervals` cover entry `number` of the app's feed with an expression that holds? One without
// tags holds for nobody, whatever its operator: a sender who names no tag addresses no one, and a
// damaged entry must not become a broadcast.
bool expression_holds(const TagExpression& expression, FeedNumber number,
                      const std::vector<TagInterval>& intervals);

}  // namespace longwire::middle
