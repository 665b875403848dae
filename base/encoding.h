#pragma once

// Text forms of bytes: hexadecimal and base64 (RFC 4648). Decoders are strict.

#include <optional>
#include <string>

#include "base/bytes.h"

namespace longwire {

std::string hex_encode(BytesView bytes);  // lower case
std::optional<Bytes> hex_decode(std::string_view text);

std::string base64_encode(BytesView bytes);             // with padding
void base64_append(BytesView bytes, std::string& out);  // hot path: no temporary
std::optional<Bytes> base64_decode(std::string_view text);

std::string base64url_encode(BytesView bytes);  // no padding; safe in URLs and JIDs' localparts
std::optional<Bytes> base64url_decode(std::string_view text);

}  // namespace longwire
