#pragma once

// Who gets an entry: the reader's tags at the entry's number, its package, the clock. Pure.

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "middle/model/message.h"
#include "middle/model/registry.h"

namespace longwire::channels {

// True where the tags carried at `number` of the app's feed match.
bool matches(const middle::TagExpression& expression,
             const std::vector<middle::TagInterval>& carried, middle::FeedNumber number);

// Gone for everybody: expired, recalled, or collapsed before it came here.
bool is_gone(const middle::Entry& entry, Timestamp now);

// A live entry of the span with the same collapse key was accepted later.
bool is_collapsed(const middle::Entry& entry, std::span<const middle::EntryPtr> span,
                  Timestamp now);

}  // namespace longwire::channels
