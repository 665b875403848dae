#include "middle/remote/frame_cutter.h"

namespace longwire::middle::remote {

Result<std::optional<BytesView>> FrameCutter::next() {
  const BytesView rest = BytesView(gathered_).substr(taken_);
  if (rest.size() >= kFrameLengthBytes) {
    const std::uint32_t length = ByteReader(rest).u32();
    if (length > static_cast<std::uint32_t>(bytes_max_)) {
      return Error{ErrorCode::kResourceExhausted, "a message is too long"};
    }
    if (rest.size() - kFrameLengthBytes >= length) {
      taken_ += kFrameLengthBytes + length;
      return std::optional(rest.substr(kFrameLengthBytes, length));
    }
  }
  gathered_.erase(0, taken_);
  taken_ = 0;
  return std::optional<BytesView>();
}

}  // namespace longwire::middle::remote
