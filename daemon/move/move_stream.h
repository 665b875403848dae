#pragma once

// Where the bytes of a move come from and go to.

#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::daemon {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status write(BytesView bytes) = 0;
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At most as many as `out` holds, at least one; 0: there is nothing more.
  virtual Result<std::size_t> read(std::span<char> out) = 0;
};

// Counting alone: takes all, keeps nothing.
class NullSink final : public ByteSink {
 public:
  Status write(BytesView) override { return {}; }
};

}  // namespace longwire::daemon
