#pragma once

// Dialer: how a node's bytes come to another node: by sockets, or in tests by queues.

#include <memory>

#include "middle/cluster/owner_table.h"
#include "middle/remote/channel.h"

namespace longwire::middle::cluster {

// The near end of what was dialled. Loop-bound; told by later turns, never inside of dial() or
// write().
class DialListener {
 public:
  virtual ~DialListener() = default;
  virtual void on_bytes(BytesView bytes) = 0;
  // It cannot be reached, or not any more. Nothing is told after.
  virtual void on_hung_up() = 0;
};

// Loop-bound.
class Dialer {
 public:
  virtual ~Dialer() = default;
  // What is written before there is a connection waits for it. `listener` outlives the wire, whose
  // end hangs up.
  virtual std::unique_ptr<remote::Wire> dial(const NodeAddress& address,
                                             DialListener& listener) = 0;
};

}  // namespace longwire::middle::cluster
