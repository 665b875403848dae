#pragma once

// What of a feed nobody gets any more: by the clock, and by what was sent later. Who among its
// readers an entry is for is middle/target/audience.h. Pure.

#include <span>

#include "base/clock.h"
#include "middle/model/message.h"

namespace longwire::channels {

// Gone for everybody: expired, recalled, or collapsed before it came here.
bool is_gone(const middle::Entry& entry, Timestamp now);

// A live entry of the span with the same collapse key was accepted later.
bool is_collapsed(const middle::Entry& entry, std::span<const middle::EntryPtr> span,
                  Timestamp now);

}  // namespace longwire::channels
