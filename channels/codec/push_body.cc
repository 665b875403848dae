#include "channels/codec/push_body.h"

#include <utility>

#include "channels/codec/compact.h"
#include "channels/idl/push_types.h"

namespace longwire::channels {

namespace {
constexpr CodecLimits kBodyLimits{
    .bytes_max = 64 * 1024, .string_max = 32 * 1024, .items_max = 128};
}  // namespace

Bytes encode_push_body(const PushBody& body) {
  wire::PushBody out;
  if (!body.title.empty()) out.__set_title(body.title);
  if (!body.description.empty()) out.__set_description(body.description);
  if (!body.payload.empty()) out.__set_payload(body.payload);
  if (!body.extra.empty()) out.__set_extra(body.extra);
  if (body.pass_through) out.__set_pass_through(true);
  if (body.notify_type != 0) out.__set_notify_type(body.notify_type);
  if (body.notify_id != 0) out.__set_notify_id(body.notify_id);
  if (!body.packages.empty()) out.__set_packages(body.packages);
  return encode_compact(out);
}

Result<PushBody> decode_push_body(BytesView bytes) {
  auto decoded = decode_compact<wire::PushBody>(bytes, kBodyLimits);
  if (!decoded.ok()) return decoded.error();
  wire::PushBody& in = *decoded;
  PushBody body;
  body.title = std::move(in.title);
  body.description = std::move(in.description);
  body.payload = std::move(in.payload);
  body.extra = std::move(in.extra);
  body.pass_through = in.__isset.pass_through && in.pass_through;
  if (in.__isset.notify_type) body.notify_type = in.notify_type;
  if (in.__isset.notify_id) body.notify_id = in.notify_id;
  body.packages = std::move(in.packages);
  return body;
}

}  // namespace longwire::channels
