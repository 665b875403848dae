#pragma once

// ServiceServer: the middle's end of a Channel: carries out on a Service what its other end calls.

#include <functional>
#include <memory>
#include <optional>

#include "middle/peer_service.h"
#include "middle/remote/message.h"
#include "middle/service.h"

namespace longwire::middle::remote {

// Where answers go; may be called later, and after the channel's end, then for nothing. Loop-bound.
using Reply = std::function<void(OutgoingMessage)>;

// Told before each call whom it is meant for: see NodeLink.
using AddressNext = std::function<void(std::optional<PartitionClaim>)>;

// What can be called. All outlive the call.
struct Faces {
  Service& service;
  PeerService& peers;
  const AddressNext& address_next;
};

// Carries out a call on one of them, whose loop this is; `reply` outlives the answer. A call that
// is not known, or makes no sense, is answered so (kUnsupported, kCorrupt).
void serve_call(const Faces& faces, IncomingMessage& message, const Reply& reply);

// A oneway of another middle node; one that is not known is lost.
void serve_oneway(PeerService& peers, IncomingMessage& message);

// Answers a call with an error.
void reply_failure(const MessageHead& call, Error error, const Reply& reply);

}  // namespace longwire::middle::remote
