#pragma once

// PushCalls: a connection on which a handler calls push: bytes in, pushes to the hub, answers out.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/function.h"
#include "channels/handler/handler_hub.h"
#include "middle/remote/frame_cutter.h"

namespace longwire::channels {

// Loop-bound to the hub's loop.
class PushCalls final {
 public:
  using Write = UniqueFunction<void(BytesView)>;
  // The hub outlives it. `write` is called by later turns.
  PushCalls(HandlerHub& hub, Write write);
  // Nothing is written any more.
  ~PushCalls();
  PushCalls(const PushCalls&) = delete;
  PushCalls& operator=(const PushCalls&) = delete;

  // An error: these are no calls, and the connection is of no further use.
  Status feed(BytesView bytes);

 private:
  void call(PushCall push);
  void answer(HandlerCallId id, const Result<std::int32_t>& with);

  HandlerHub& hub_;
  Write write_;
  middle::remote::FrameCutter cutter_;
  std::size_t under_way_ = 0;
  // Shared with pushes under way, which may outlive it.
  const std::shared_ptr<PushCalls*> self_ = std::make_shared<PushCalls*>(this);
};

}  // namespace longwire::channels
