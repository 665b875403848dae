// A push body as a device gets it after opening the seal.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "channels/codec/push_body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace channels = longwire::channels;
  const auto body = channels::decode_push_body({reinterpret_cast<const char*>(data), size});
  if (!body.ok()) return 0;
  const auto again = channels::decode_push_body(channels::encode_push_body(*body));
  CHECK(again.ok());
  CHECK(*again == *body);
  return 0;
}
