#pragma once

// Server frames that need no speed. Pure.

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "middle/model/message.h"
#include "middle/model/registry.h"

namespace longwire::channels {

Bytes failure_frame(const Error& error);
Bytes withdrawal_frame(const middle::RegId& registration, const middle::FeedId& feed,
                       const middle::Entry& entry);
// A control entry of an inbox, decoded from its stored bytes as far as they are known.
Bytes control_frame(const middle::RegId& registration, const middle::FeedId& feed,
                    const middle::Entry& entry);
Bytes ended_frame(const middle::RegId& registration);
// No feed: all feeds of the registration.
Bytes reset_frame(const middle::RegId& registration, const middle::Incarnation& incarnation,
                  const middle::FeedId* feed);
Bytes registered_frame(const middle::Registration& registration,
                       const middle::Incarnation& incarnation);
Bytes done_frame();
// Names carried now.
Bytes names_frame(const middle::Registration& registration);

// One push of a page that was fetched; its body is sealed already.
struct FetchedPush {
  middle::EntryPtr entry;
  Bytes sealed;
};
struct FetchedPage {
  std::vector<FetchedPush> pushes;
  middle::FeedNumber looked_at_to = 0;
  middle::FeedNumber tail = 0;
};
Bytes fetched_frame(const middle::RegId& registration, const middle::FeedId& feed,
                    const FetchedPage& page, std::int32_t cipher);

}  // namespace longwire::channels
