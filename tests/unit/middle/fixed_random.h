#pragma once

// Randomness that a test names: the same octets again and again.

#include <cstddef>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"

namespace longwire::middle {

class FixedRandom final : public Random {
 public:
  // `octets` is not empty. Each fill() begins with the first of them.
  explicit FixedRandom(Bytes octets = Bytes(1, '\xff')) : octets_(std::move(octets)) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::uint8_t>(octets_[i % octets_.size()]);
  }

 private:
  const Bytes octets_;
};

}  // namespace longwire::middle
