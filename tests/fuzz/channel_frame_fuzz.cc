// A frame from a client, as Thrift: decoded within its limits or refused; what was decoded encodes
// and decodes again.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "channels/codec/compact.h"
#include "channels/idl/push_types.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace channels = longwire::channels;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto frame =
      channels::decode_compact<channels::wire::ClientFrame>(bytes, channels::kFromClient);
  if (!frame.ok()) return 0;
  const auto again = channels::encode_compact(*frame);
  const auto decoded =
      channels::decode_compact<channels::wire::ClientFrame>(again, channels::kFromServer);
  CHECK(decoded.ok());
  CHECK(channels::encode_compact(*decoded) == again);
  return 0;
}
