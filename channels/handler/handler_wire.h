#pragma once

// HandlerWire: a connection to a handler, as a link sees it: bytes. Made in daemon/; a queue in
// tests.

#include <functional>
#include <memory>

#include "base/bytes.h"

namespace longwire::channels {

// What comes over a wire. Loop-bound; never called from inside a call of the wire.
class HandlerWireEvents {
 public:
  virtual ~HandlerWireEvents() = default;
  // Views do not outlive the call.
  virtual void on_data(BytesView bytes) = 0;
  // It could not be made, or has ended: the last call.
  virtual void on_closed() = 0;
};

// Loop-bound. What is written before it is connected waits.
class HandlerWire {
 public:
  virtual ~HandlerWire() = default;
  virtual void write(BytesView bytes) = 0;
  // The other end does not take what is written: write no more calls.
  virtual bool blocked() const = 0;
  // Ends it; nothing comes any more but on_closed.
  virtual void close() = 0;
};

// Begins to connect; null: that is not possible now. The events outlive the wire.
using HandlerDial = std::function<std::unique_ptr<HandlerWire>(HandlerWireEvents& events)>;

}  // namespace longwire::channels
