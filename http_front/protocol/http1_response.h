#pragma once

// A response as the bytes of HTTP/1.1.

#include <string_view>

#include "base/bytes.h"
#include "http_front/protocol/message.h"

namespace longwire::http {

struct Http1Framing {
  bool keep_alive = true;
  bool head_only = false;  // the request was a HEAD
  std::string_view date;   // IMF-fixdate; empty: none
};
void append_http1_response(const Response& response, const Http1Framing& framing, Bytes& out);

// "Sun, 06 Nov 1994 08:49:37 GMT" of seconds since 1970.
std::string http_date(std::int64_t seconds);

}  // namespace longwire::http
