// The file of a move as `longwire storage import` reads it.

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "base/hash.h"
#include "daemon/move/move_decoder.h"

namespace {

namespace daemon = longwire::daemon;

class Source final : public daemon::ByteSource {
 public:
  explicit Source(longwire::BytesView bytes) : left_(bytes) {}
  longwire::Result<std::size_t> read(std::span<char> out) override {
    const std::size_t size = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), size, out.begin());
    left_.remove_prefix(size);
    return size;
  }

 private:
  longwire::BytesView left_;
};

// Sizes and sums made right, so that what lies in frames is reached: a frame's first byte tells how
// many bytes of the input it takes.
longwire::Bytes framed(longwire::BytesView input) {
  longwire::ByteWriter file;
  file.raw(daemon::kMoveMagic).u32(daemon::kMoveVersion);
  while (input.size() > 1) {
    const auto wanted = static_cast<std::size_t>(static_cast<unsigned char>(input[0])) + 1;
    const longwire::BytesView payload = input.substr(1, wanted);
    file.u32(static_cast<std::uint32_t>(payload.size())).u32(longwire::crc32c(payload));
    file.raw(payload);
    input.remove_prefix(std::min(input.size(), payload.size() + 1));
  }
  return file.bytes();
}

void check(longwire::BytesView file) {
  Source first(file);
  const auto summary = daemon::check_move(first);
  if (!summary.ok()) return;
  Source second(file);
  CHECK(daemon::check_move(second).value() == *summary);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const longwire::BytesView input(reinterpret_cast<const char*>(data), size);
  check(input);
  check(framed(input));
  return 0;
}
