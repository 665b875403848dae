#pragma once

// A few empty buffers kept for the next connection of this thread that writes, so that an idle
// connection holds none and a busy thread allocates none. Inside of base/net.

#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace longwire::net {

// One per thread. Loop-bound.
class BufferPool final {
 public:
  static constexpr std::size_t kBuffersMax = 32;
  // A larger one is given back to the heap.
  static constexpr std::size_t kBufferBytesMax = std::size_t{64} * 1024;

  static BufferPool& of_this_thread() {
    thread_local BufferPool pool;
    return pool;
  }

  std::unique_ptr<Bytes> take() {
    if (buffers_.empty()) return std::make_unique<Bytes>();
    auto buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
  }

  void give_back(std::unique_ptr<Bytes> buffer) {
    if (!buffer || buffers_.size() >= kBuffersMax || buffer->capacity() > kBufferBytesMax) return;
    buffer->clear();
    buffers_.push_back(std::move(buffer));
  }

 private:
  std::vector<std::unique_ptr<Bytes>> buffers_;
};

}  // namespace longwire::net
